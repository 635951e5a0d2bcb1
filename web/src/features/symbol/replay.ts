/** Where a replay stands, and how it moves. */
import { useState } from "react";

import { type Bar, exactly } from "@/charts/candles/bars";

const BACK = 60;

export interface Replay {
  /** The bar after which nothing is known; null while all is shown. */
  cut: number | null;
  isOn: boolean;
  toggle: () => void;
  /** So many bars on, or back. */
  step: (bars: number) => void;
}

/** From where a replay begins: the bar of the cursor, or some bars before the newest. */
export function startOf(bars: readonly Bar[], cursor: number | null): number | null {
  const last = bars.at(-1)?.time ?? null;
  if (cursor !== null && cursor !== last && exactly(bars, cursor) >= 0) return cursor;
  return bars[Math.max(0, bars.length - 1 - BACK)]?.time ?? null;
}

/** The bar so many from one, within what there is. */
export function moved(bars: readonly Bar[], from: number | null, by: number): number | null {
  if (bars.length === 0) return null;
  const place = from === null ? bars.length : exactly(bars, from);
  const next = Math.min(bars.length - 1, Math.max(0, place + by));
  return bars[next]?.time ?? null;
}

export function useReplay(bars: readonly Bar[], cursor: number | null): Replay {
  const [cut, setCut] = useState<number | null>(null);
  return {
    cut,
    isOn: cut !== null,
    toggle: () => setCut(cut === null ? startOf(bars, cursor) : null),
    step: (by) => setCut((now) => (now === null ? null : moved(bars, now, by))),
  };
}
