/** Whether what is shown is too old to lean on, and how old it is. */
import type { Shapes, Timeframe } from "@/api/queries";
import { placeOf } from "@/charts/candles/bars";
import type { TrackSignal } from "@/features/symbol/data";
import { seconds, type Series } from "@/features/symbol/joined";
import { lengthOf } from "@/features/symbol/timeframes";
import { age } from "@/lib/time";

const TOO_MANY = 2;

export interface Staleness {
  bars: string | undefined;
  signal: string | undefined;
}

/**
 * Bars are stale where the market is open and more than two of them should have closed since; a
 * simulated market keeps its own time, so by that alone a signal is held against its newest bar.
 */
export function staleness(
  { bars, simulated }: Series,
  newest: TrackSignal | undefined,
  instrument: Pick<Shapes["InstrumentOut"], "session"> | undefined,
  timeframe: Timeframe,
  now: Date,
): Staleness {
  const last = bars.at(-1)?.time;
  if (last === undefined) return { bars: undefined, signal: undefined };
  const behind = now.getTime() / 1000 - last;
  const isOpen = instrument?.session.is_open === true;
  const isOld = !simulated && isOpen && behind > TOO_MANY * lengthOf(timeframe);
  const made = newest ? seconds(newest.as_of) : last;
  const since = bars.length - 1 - placeOf(bars, made);
  return {
    bars: isOld ? age(behind) : undefined,
    signal: isOld
      ? age(now.getTime() / 1000 - made)
      : since >= TOO_MANY
        ? age(last - made)
        : undefined,
  };
}
