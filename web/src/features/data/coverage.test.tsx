import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

const { asked } = vi.hoisted(() => {
  const asked = vi.fn<(request: Request) => Promise<Response>>();
  vi.stubGlobal("fetch", asked);
  return { asked };
});
vi.mock("@tanstack/react-router", () => ({
  Link: ({ children }: { children: React.ReactNode }) => <a href="#series">{children}</a>,
}));

import { Coverage } from "@/features/data/coverage";

const ROW = {
  symbol: "EURUSD",
  timeframe: "1h",
  simulated: true,
  expected: [500, 500],
  there: [500, 400],
  flagged: [0, 0],
  looked_at: "2022-01-01T00:00:00Z",
};

test("what is being looked at is said, asked again, and then shown", async () => {
  let times = 0;
  asked.mockImplementation(async ({ url }) => {
    if (!url.endsWith("/months")) {
      return Response.json({ items: [], next: null, problems: [], unseen: [], looking: false });
    }
    times += 1;
    const isFirst = times === 1;
    return Response.json({
      months: isFirst ? [] : ["2021-11", "2021-12"],
      rows: isFirst ? [] : [ROW],
      unseen: isFirst ? ["EURUSD 1h"] : [],
      looking: isFirst,
    });
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Coverage onOpen={vi.fn()} />
    </QueryClientProvider>,
  );
  expect((await screen.findByText("looking at 1 more")).tagName).toBe("SPAN");
  expect(
    await screen.findByRole(
      "cell",
      { name: /EURUSD 1h, Dec 2021: 400 of 500 bars, 80.0.%, 100 missing/ },
      { timeout: 4000 },
    ),
  ).toBeTruthy();
  expect(screen.getByText("1 series")).toBeTruthy();
});
