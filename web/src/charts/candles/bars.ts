/** Bars as a chart holds them, and where a time lies among them. */

export interface Bar {
  /** Its close, seconds since 1970 UTC. */
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/** The place of the first bar that closed at `time` or later; how many bars there are if none did. */
export function placeOf(bars: readonly Bar[], time: number): number {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bars[middle] as Bar).time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of the bar that closed exactly then, -1 if none did. */
export function exactly(bars: readonly Bar[], time: number): number {
  const place = placeOf(bars, time);
  return bars[place]?.time === time ? place : -1;
}

const same = (one: Bar | undefined, other: Bar | undefined) =>
  one !== undefined &&
  other !== undefined &&
  one.time === other.time &&
  one.close === other.close &&
  one.high === other.high &&
  one.low === other.low &&
  one.open === other.open;

const FEW = 400;

/** From where `next` differs at its end from what is shown, null where all must be drawn again. */
export function changedFrom(shown: readonly Bar[], next: readonly Bar[]): number | null {
  if (shown.length === 0 || next.length < shown.length || next.length - shown.length > FEW) {
    return null;
  }
  const least = Math.max(0, shown.length - FEW);
  if (least > 0 && !same(shown[least - 1], next[least - 1])) return null;
  if (shown[0]?.time !== next[0]?.time) return null;
  let place = least;
  while (place < shown.length && same(shown[place], next[place])) place += 1;
  return place;
}
