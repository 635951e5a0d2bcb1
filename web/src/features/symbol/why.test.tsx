import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { signal } from "@/features/symbol/examples";
import { Why } from "@/features/symbol/why";

vi.stubGlobal("scrollTo", () => undefined); // the router scrolls, jsdom cannot

const MEAN = { level: 0.95, days: 40, too_few: false };
const answers: Record<string, unknown> = {
  "/api/v1/track": {
    by: "tier",
    open: 0,
    left_out: 0,
    groups: [
      {
        name: "HIGH",
        kind: "live",
        hit_rate: { ...MEAN, value: 0.58, low: 0.42, high: 0.72, n: 38 },
        r: { ...MEAN, value: 0.4, low: null, high: null, n: 12, too_few: true },
        withheld: {
          missed: 3,
          spared: 4,
          r: { ...MEAN, value: null, low: null, high: null, n: 0 },
        },
      },
    ],
  },
  "/api/v1/track/gap": { items: [], next: null },
};

vi.mock("@/api/client", async (original) => ({
  ...(await original<object>()),
  service: { GET: (path: string) => Promise.resolve({ data: answers[path] }) },
}));

async function show(said: ReturnType<typeof signal> | undefined) {
  const query = {
    data: said,
    error: null,
    isPending: said === undefined,
    dataUpdatedAt: 0,
    refetch: () => undefined,
  };
  const root = createRootRoute({
    component: () => (
      <Why
        named={{ symbol: "EURUSD", timeframe: "1h" }}
        query={query}
        isNone={said === undefined}
        stale={undefined}
        isReplay={false}
        until={undefined}
        decimals={5}
        pip={0.0001}
        timeZone="UTC"
      >
        {null}
      </Why>
    ),
  });
  const router = createRouter({ routeTree: root, history: createMemoryHistory() });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
  return within(await screen.findByRole("region", { name: "Why" }));
}

test("the column says how strong, why, what is planned and what it was worth so far", async () => {
  const why = await show(signal());

  expect(why.getByText("82")).toBeTruthy();
  expect(why.getByText("HIGH CONVICTION")).toBeTruthy();
  expect(why.getByText(/\[55\.9, 63\.8\] 90 %/)).toBeTruthy();
  expect(why.getByText(/sum \+0\.401/)).toBeTruthy();
  expect(why.getByText(/1 member weighs nothing/)).toBeTruthy();
  expect(why.getByText(/size capped at 50/)).toBeTruthy();
  expect(why.getByText("▲ LONG")).toBeTruthy();
  expect(why.getByText(/\+60\.0 pip/)).toBeTruthy();
  expect(why.getByText(/−40\.0 pip/)).toBeTruthy();
  expect(why.getByRole("link", { name: /open/ }).getAttribute("href")).toBe(
    "/signal/sig-7f2a00c41d",
  );
});

test("a record is told with its interval and kind, too few outcomes as too few", async () => {
  const why = await show(signal());

  expect(await why.findByText(/\[42\.0.*, 72\.0.*\] 95 %, n 38/)).toBeTruthy();
  expect(why.getByText(/n 12 of 30, too few/)).toBeTruthy();
  expect(why.getByText(/not yet proven/)).toBeTruthy();
  expect(await why.findByText(/No backtest of this series/)).toBeTruthy();
});

test("a series without a signal says how one comes about", async () => {
  const why = await show(undefined);

  expect(why.getByText(/No signal of EURUSD 1h is issued yet/)).toBeTruthy();
  expect(why.getByText("assay signal EURUSD 1h")).toBeTruthy();
});
