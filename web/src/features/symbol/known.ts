/** What was known at a bar: the rest is hidden while history is replayed. */
import { placeOf } from "@/charts/candles/bars";
import type { Event, Story, TrackSignal } from "@/features/symbol/data";
import { seconds, type Series } from "@/features/symbol/joined";

export interface Known {
  series: Series;
  /** By the bar they were made on, the newest last. */
  signals: readonly TrackSignal[];
  /** The first seen last first. */
  stories: readonly Story[];
  events: readonly Event[];
}

/** Everything, in the order of the bars. */
export function inOrder(signals: readonly TrackSignal[]): TrackSignal[] {
  return [...signals].sort((one, other) => seconds(one.as_of) - seconds(other.as_of));
}

/** What was known when the bar of `cut` closed; all of it without a cut. */
export function knownAt(all: Known, cut: number | null): Known {
  if (cut === null) return all;
  const isKnown = (at: string) => seconds(at) <= cut;
  const { bars, stretches } = all.series;
  return {
    series: {
      ...all.series,
      bars: bars.slice(0, placeOf(bars, cut + 1)),
      stretches: stretches.filter((one) => one.last <= cut),
    },
    signals: all.signals
      .filter((one) => isKnown(one.as_of))
      .map((one) => ({
        ...one,
        horizon: one.horizon && isKnown(one.horizon.due) ? one.horizon : null,
        trade: one.trade && isKnown(one.trade.due) ? one.trade : null,
      })),
    stories: all.stories.filter((one) => isKnown(one.seen_at)),
    events: all.events.filter((one) => isKnown(one.seen_at)),
  };
}

/** Up to which signal's bar outcomes are known, none of them to come; null if none is. */
export function resolvedUntil(signals: readonly TrackSignal[]): string | null {
  const open = signals.findIndex((one) => one.horizon === null);
  const last = open < 0 ? signals.at(-1) : signals[open - 1];
  return last?.as_of ?? null;
}
