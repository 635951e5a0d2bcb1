/** The scene over the candles, from what is known. */
import { type Bar, exactly, placeOf } from "@/charts/candles/bars";
import type { Pane } from "@/charts/candles/chart";
import type { Due, Level, Past, Pin } from "@/charts/candles/scene";
import { atr, rsi, settled } from "@/charts/panes/indicators";
import type { Event, Signal, Story, TrackSignal } from "@/features/symbol/data";
import { seconds, type Series } from "@/features/symbol/joined";
import { isMarked, outcomeOf } from "@/features/symbol/outcome";
import { count, number } from "@/lib/format";

export type Indicator = "RSI" | "ATR";
const LENGTH = 14;

/** The plan of a signal that takes a side; one that waits has none. */
export function levelsOf(signal: Signal | undefined): Level[] {
  if (!signal || signal.decision === "WAIT" || signal.stop === null || signal.target === null) {
    return [];
  }
  const from = seconds(signal.as_of);
  return [
    { kind: "target", price: signal.target, from, text: `target, ${number(signal.target_atr, 1)} ATR` },
    { kind: "entry", price: signal.price, from, text: "entry, planned" },
    { kind: "stop", price: signal.stop, from, text: `stop, ${number(signal.stop_atr, 1)} ATR` },
  ]; // prettier-ignore
}

export function pastOf(signals: readonly TrackSignal[]): Past[] {
  return signals.filter(isMarked).map((one) => ({
    id: one.id,
    time: seconds(one.as_of),
    side: (one.trade?.side ?? (one.direction === "UP" ? 1 : -1)) > 0 ? "up" : "down",
    isWithheld: one.decision === "WAIT",
    text: outcomeOf(one),
    exit:
      one.trade && one.trade.exit_price !== null
        ? { time: seconds(one.trade.due), price: one.trade.exit_price }
        : null,
  }));
}

export interface Pinned {
  pin: Pin;
  stories: readonly Story[];
}

/** Stories that count, by the bar in which they could first be known; the newest is 1. */
export function pinned(stories: readonly Story[], bars: readonly Bar[]): Pinned[] {
  const groups = new Map<number, Story[]>();
  for (const story of stories) {
    if (story.score === null) continue;
    const bar = bars[placeOf(bars, seconds(story.seen_at))];
    if (!bar || seconds(story.seen_at) < (bars[0]?.time ?? 0)) continue;
    groups.set(bar.time, [...(groups.get(bar.time) ?? []), story]);
  }
  return [...groups.entries()]
    .sort(([one], [other]) => other - one)
    .map(([time, told], n) => ({ pin: { time, text: String(n + 1) }, stories: told }));
}

/** Events; those of high impact and those still to come are named on the chart. */
export function dueOf(events: readonly Event[], now: number | null): Due[] {
  return events.map((one) => {
    const time = seconds(one.event_at);
    const isMarked = one.impact === "high" || (now !== null && time > now);
    return { time, text: `${one.currency} ${one.title}`, isMarked };
  });
}

const STRENGTH = { HIGH: 3, DIVERGENT: 2, MODERATE: 2, LOW: 1 } as const;

/** Conviction at each bar that a signal was made on; where there is none there is a gap. */
export function convictionPane(
  signals: readonly TrackSignal[],
  bars: readonly Bar[],
  fusion: Signal["fusion"] | undefined,
): Pane {
  const by = new Map(signals.map((one) => [seconds(one.as_of), one]));
  const values = [...by.entries()].flatMap(([time, one]) => {
    if (one.conviction === null || exactly(bars, time) < 0) return [];
    const strength = STRENGTH[(one.tier ?? "LOW") as keyof typeof STRENGTH];
    return [{ time, value: one.conviction, strength }];
  });
  const lines = fusion
    ? [
        { value: fusion.high, text: "" },
        { value: fusion.moderate, text: "" },
      ]
    : [];
  const title = fusion
    ? `Conviction, MODERATE from ${count(fusion.moderate)}, HIGH from ${count(fusion.high)}`
    : "Conviction";
  return { title, values: values.sort((a, b) => a.time - b.time), lines, decimals: 0 };
}

/** The indicator over the bars; what depends on where they begin is left out. */
export function indicatorPane(kind: Indicator, series: Series): Pane {
  const { bars, isWhole, decimals } = series;
  const found = settled(kind === "RSI" ? rsi(bars, LENGTH) : atr(bars, LENGTH), isWhole);
  const values = bars.map((bar, n) => ({ time: bar.time, value: found[n] ?? null }));
  const title = `${kind} ${LENGTH}`;
  return kind === "RSI"
    ? { title, values, lines: [70, 30].map((value) => ({ value, text: "" })), decimals: 0 }
    : { title, values, lines: [], decimals };
}

/** The closes still to come, where each follows the last by a whole bar; else they are not known. */
export function closesAhead(
  last: number,
  until: number | null,
  bars: number,
  step: number,
): number[] {
  if (until === null || until - last !== bars * step) return [];
  return Array.from({ length: bars }, (_, n) => last + (n + 1) * step);
}
