/** The pages there are, in the order of the rail; one line and one file each. */
import { lazyRouteComponent } from "@tanstack/react-router";

export interface Page {
  title: string;
  path: string;
  /** After g. */
  letter: string;
  component: ReturnType<typeof lazyRouteComponent>;
  /** Rail groups are parted by a line. */
  group: number;
}

export const PAGES: readonly Page[] = [
  page("Desk", "/", "d", 0, () => import("@/pages/desk")),
  page("Symbol", "/symbol", "s", 0, () => import("@/pages/symbol")),
  page("Signal", "/signal", "y", 0, () => import("@/pages/signal")),
  page("Models", "/models", "m", 1, () => import("@/pages/models")),
  page("Experiments", "/experiments", "e", 1, () => import("@/pages/experiments")),
  page("Jobs", "/jobs", "j", 1, () => import("@/pages/jobs")),
  page("Backtests", "/backtests", "b", 1, () => import("@/pages/backtests")),
  page("Data", "/data", "a", 2, () => import("@/pages/data")),
  page("System", "/system", "x", 3, () => import("@/pages/system")),
];

function page(
  title: string,
  path: string,
  letter: string,
  group: number,
  load: () => Promise<{ default: () => React.ReactNode }>,
): Page {
  return { title, path, letter, group, component: lazyRouteComponent(load) };
}
