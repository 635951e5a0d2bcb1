import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { Board } from "@/features/board/board";
import type { Place } from "@/features/board/model";
import { place, signal } from "@/features/board/samples";

// the router scrolls to the top, which jsdom cannot
window.scrollTo = vi.fn();

function show(places: Place[], closed = new Map<string, string>()) {
  const query = {
    data: { at: "2022-01-03T12:00:00Z", places, problems: [] },
    error: null,
    isPending: false,
    dataUpdatedAt: 1,
    refetch: vi.fn(),
  };
  const root = createRootRoute();
  const at = (path: string, component: () => React.ReactNode) =>
    createRoute({ getParentRoute: () => root, path, component });
  const router = createRouter({
    routeTree: root.addChildren([
      at("/", () => <Board query={query} closed={closed} />),
      at("/signal/$id", () => <p>the signal</p>),
      at("/symbol/$symbol/$timeframe", () => <p>the symbol</p>),
    ]),
    history: createMemoryHistory({ initialEntries: ["/"] }),
  });
  render(<RouterProvider router={router as never} />);
  return router;
}

const TWO = [
  place({ timeframe: "1h", signal: signal({ id: "sig-a" }) }),
  place({ timeframe: "4h", signal: signal({ id: "sig-b", evidence: "NONE" }) }),
  place({ symbol: "USDJPY", timeframe: "1h", signal: signal({ id: "sig-c", direction: "DOWN" }) }),
  place({ symbol: "USDJPY", timeframe: "4h", signal: null }),
];

test("cells say what they show and lead to their signals", async () => {
  show(TWO);

  const grid = await screen.findByRole("grid");
  const link = within(grid).getByRole("link", { name: /EURUSD 1h, conviction 71, moderate, up/ });
  expect(link.getAttribute("href")).toBe("/signal/sig-a");
  expect(within(grid).getByRole("link", { name: "EURUSD 4h, no evidence" })).toBeTruthy();
  const nothing = within(grid).getByRole("link", { name: "USDJPY 4h, no signal" });
  expect(nothing.getAttribute("href")).toBe("/symbol/USDJPY/4h");
});

test("one cell is in the order of Tab; keys move on from it and Enter opens", async () => {
  const router = show(TWO);
  const user = userEvent.setup();
  const grid = await screen.findByRole("grid");
  const reachable = () =>
    within(grid)
      .getAllByRole("link")
      .filter((one) => one.tabIndex === 0);
  expect(reachable()).toHaveLength(1);

  await user.keyboard("jjl");
  expect(document.activeElement?.getAttribute("aria-label")).toBe("USDJPY 4h, no signal");
  await user.keyboard("6");
  expect(document.activeElement?.getAttribute("aria-label")).toContain("USDJPY 1h");
  expect(reachable()).toHaveLength(1);

  await user.keyboard("{Enter}");
  await vi.waitFor(() => expect(router.state.location.pathname).toBe("/signal/sig-c"));
});

test("a closed market is said, and is not stale", async () => {
  show([place({ symbol: "AAPL", asset_class: "equity" })], new Map([["AAPL", "opens 14:30 UTC"]]));

  expect(await screen.findByText("Equities, closed, opens 14:30 UTC")).toBeTruthy();
  expect(screen.queryByText(/STALE/)).toBeNull();
});

test("an empty board says which command fills it", async () => {
  show([]);

  expect(await screen.findByText("assay demo")).toBeTruthy();
});
