/** Whether a signal is too old to act on. */
import type { Explanation, Signal } from "@/features/signal/questions";
import { age } from "@/lib/time";

const TOO_MANY = 2;
const MINUTES: Record<string, number> = { m: 1, h: 60, d: 1440, w: 10_080 };

/** How long a bar lasts, in seconds: `4h` is 14,400. */
export function lengthOf(timeframe: string): number {
  const [, count = "1", unit = "h"] = /^(\d+)([mhdw])$/.exec(timeframe) ?? [];
  return Number(count) * (MINUTES[unit] ?? 60) * 60;
}

/**
 * How old it is where that is too old: more than two bars have closed since, or should have while
 * its market is open. A simulated market keeps its own time, so there bars alone count.
 */
export function staleness(
  signal: Pick<Signal, "as_of" | "timeframe" | "simulated" | "horizon_bars">,
  since: Explanation["since"] | undefined,
  isOpen: boolean,
  now: Date,
): string | undefined {
  const bars = since?.bars ?? 0;
  if (bars >= signal.horizon_bars) return "horizon over";
  if (bars >= TOO_MANY) return `${bars} bars since`;
  const seconds = (now.getTime() - Date.parse(signal.as_of)) / 1000;
  const isOld = !signal.simulated && isOpen && seconds > TOO_MANY * lengthOf(signal.timeframe);
  return isOld ? age(seconds) : undefined;
}
