import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";

import { PAGES } from "@/app/pages";
import { Shell } from "@/app/shell";
import { Frame } from "@/ui/panel";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

/** Each page at its path, and at what it shows: /symbol/EURUSD/1h, /signal/sig-12. */
const DEEPER: Record<string, readonly string[]> = {
  "/symbol": ["/symbol/$symbol", "/symbol/$symbol/$timeframe"],
  "/signal": ["/signal/$id"],
  "/models": ["/models/$id"],
  "/experiments": ["/experiments/$id"],
  "/backtests": ["/backtests/$id"],
  "/jobs": ["/jobs/$id"],
  "/data": ["/data/$symbol/$timeframe"],
};

const routes = PAGES.flatMap((page) =>
  [page.path, ...(DEEPER[page.path] ?? [])].map((path) =>
    createRoute({ getParentRoute: () => root, path, component: page.component }),
  ),
);

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: "intent",
  scrollRestoration: true,
});

function NotFound() {
  return (
    <Frame title="Nothing here">
      <p className="text-prose">There is no page at this address. Go to the Desk with g, then d.</p>
    </Frame>
  );
}
