/** Pages of bars, and the newest ones asked for again at each close, as one series. */
import type { Shapes } from "@/api/queries";
import type { Bar } from "@/charts/candles/bars";
import type { Stretch } from "@/charts/candles/scene";

export type Page = Shapes["BarsOut"];

export interface Series {
  bars: readonly Bar[];
  stretches: readonly Stretch[];
  /** Whether the first bar is the first that is stored. */
  isWhole: boolean;
  decimals: number;
  simulated: boolean;
  source: string;
}

export const EMPTY: Series = {
  bars: [],
  stretches: [],
  isWhole: false,
  decimals: 2,
  simulated: false,
  source: "",
};

/** One series of the pages, the newest first, with `tail` over its end. */
export function joined(pages: readonly Page[], tail: Page | undefined): Series {
  const newest = tail ?? pages[0];
  if (!newest) return EMPTY;
  const from = tail && pages.length > 0 && !hasHole(pages, tail) ? tail.time[0] : undefined;
  const kept = [...pages].reverse();
  const parts = from === undefined ? kept : [...kept, tail as Page];
  const until = (part: Page) => (part === tail ? Infinity : (from ?? Infinity));
  return {
    bars: parts.flatMap((part) => barsOf(part).filter((bar) => bar.time < until(part))),
    stretches: distinct(parts.flatMap(stretchesOf)),
    isWhole: pages.at(-1)?.earlier === null,
    decimals: newest.decimals,
    simulated: newest.simulated,
    source: newest.source,
  };
}

/** Whether bars lie between the pages and `tail` that neither holds: the pages are to be asked again. */
export function hasHole(pages: readonly Page[], tail: Page): boolean {
  const last = pages[0]?.time.at(-1);
  return last !== undefined && tail.earlier !== null && seconds(tail.earlier) > last;
}

export const seconds = (at: string): number => Date.parse(at) / 1000;

function barsOf(page: Page): Bar[] {
  const column = (values: readonly number[], place: number) => values[place] as number;
  return page.time.map((time, n) => ({
    time,
    open: column(page.open, n),
    high: column(page.high, n),
    low: column(page.low, n),
    close: column(page.close, n),
    volume: column(page.volume, n),
  }));
}

function stretchesOf(page: Page): Stretch[] {
  const missing = page.gaps.map((gap) => ({
    kind: "missing" as const,
    first: seconds(gap.first),
    last: seconds(gap.last),
    text: `${gap.bars} missing`,
  }));
  const flagged = page.flaws.map((flaw) => ({
    kind: "flagged" as const,
    first: seconds(flaw.first),
    last: seconds(flaw.last),
    text: flaw.code,
  }));
  return [...missing, ...flagged];
}

function distinct(stretches: readonly Stretch[]): Stretch[] {
  const found = new Map(
    stretches.map((one) => [`${one.kind} ${one.text} ${one.first} ${one.last}`, one]),
  );
  return [...found.values()].sort((one, other) => one.first - other.first);
}

/** How much the close moved over the last 24 hours, null where no bar reaches back that far. */
export function dayChange(bars: readonly Bar[]): { from: number; to: number } | null {
  const last = bars.at(-1);
  if (!last) return null;
  const before = bars.findLast((bar) => bar.time <= last.time - 86_400);
  return before ? { from: before.close, to: last.close } : null;
}
