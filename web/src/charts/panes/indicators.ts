/** Indicators computed from the bars that are shown, as Wilder (1978) defines them. */
import type { Bar } from "@/charts/candles/bars";

/** Bars after which a smoothed value no longer depends on where it began: (13/14)^150 < 0.002 %. */
export const SETTLED = 150;

/** Wilder's smoothing of `values`: the mean of the first `length`, then 1/length of each new one. */
function smoothed(values: readonly number[], length: number): (number | null)[] {
  let mean = 0;
  return values.map((value, place) => {
    if (place < length) mean += value / length;
    else mean += (value - mean) / length;
    return place < length - 1 ? null : mean;
  });
}

/** Relative strength, 0 to 100, one value a bar; null before there are `length` changes. */
export function rsi(bars: readonly Bar[], length = 14): (number | null)[] {
  if (bars.length === 0) return [];
  const changes = bars.slice(1).map((bar, place) => bar.close - (bars[place] as Bar).close);
  const gains = smoothed(
    changes.map((change) => Math.max(0, change)),
    length,
  );
  const losses = smoothed(
    changes.map((change) => Math.max(0, -change)),
    length,
  );
  const values = gains.map((gain, place) => {
    const loss = losses[place];
    if (gain === null || loss === null || loss === undefined) return null;
    return gain + loss === 0 ? 50 : (100 * gain) / (gain + loss);
  });
  return [null, ...values];
}

/** Average true range, one value a bar; null before there are `length` of them. */
export function atr(bars: readonly Bar[], length = 14): (number | null)[] {
  const ranges = bars.slice(1).map((bar, place) => {
    const before = (bars[place] as Bar).close;
    return Math.max(bar.high, before) - Math.min(bar.low, before);
  });
  return bars.length === 0 ? [] : [null, ...smoothed(ranges, length)];
}

/** The values that do not depend on where the loaded bars begin; all, if the series begins there. */
export function settled(
  values: readonly (number | null)[],
  isWhole: boolean,
): readonly (number | null)[] {
  return isWhole ? values : values.map((value, place) => (place < SETTLED ? null : value));
}
