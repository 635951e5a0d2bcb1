import { useEffect, useRef } from "react";

import { CandleChart, type Shown } from "@/charts/candles/chart";
import { usePalette } from "@/charts/candles/palette";

const NEAR_START = 60;
const SOME = 50;

interface CandlesProps extends Omit<Shown, "palette"> {
  /** What is seen, in a sentence. */
  label: string;
  /** Bars after the newest that are to be in sight. */
  room: number;
  /** Another series is another chart; its name. */
  name: string;
  /** A bar that is to be in sight, whenever it is another. */
  revealed: number | null;
  /** The bar under the pointer, null when it leaves. */
  onPoint?: (time: number | null) => void;
  onPick?: (time: number) => void;
  /** The oldest bars are in sight, and older ones are wanted. */
  onEarlier?: (() => void) | undefined;
  /** The close of the first bar in sight, when that has moved by some bars. */
  onRange?: ((first: number) => void) | undefined;
  className?: string;
}

/** Candles with all that is drawn over them. */
export function Candles({
  label,
  room,
  name,
  revealed,
  onPoint,
  onPick,
  onEarlier,
  onRange,
  className = "",
  ...shown
}: CandlesProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<CandleChart | null>(null);
  const palette = usePalette();
  const heard = useRef({ onPoint, onPick, onEarlier, onRange });
  const latest = useRef({ palette, timeZone: shown.timeZone });
  useEffect(() => {
    heard.current = { onPoint, onPick, onEarlier, onRange };
    latest.current = { palette, timeZone: shown.timeZone };
  });

  useEffect(() => {
    if (!place.current) return;
    const made = new CandleChart(place.current, latest.current);
    chart.current = made;
    made.api.subscribeCrosshairMove(({ time, point }) =>
      heard.current.onPoint?.(point && typeof time === "number" ? time : null),
    );
    made.api.subscribeClick(({ time }) => {
      if (typeof time === "number") heard.current.onPick?.(time);
    });
    made.api.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range && range.from < NEAR_START) heard.current.onEarlier?.();
      const first = range && made.closeNear(range.from - (range.from % SOME));
      if (first) heard.current.onRange?.(first);
    });
    return () => {
      chart.current = null;
      made.close();
    };
  }, [name]);

  const { bars, scene, conviction, indicator, decimals, timeZone, ahead } = shown;
  useEffect(() => {
    chart.current?.show({
      bars,
      scene,
      conviction,
      indicator,
      decimals,
      timeZone,
      ahead,
      palette,
    });
  }, [name, bars, scene, conviction, indicator, decimals, timeZone, ahead, palette]);

  const isThere = bars.length > 0;
  const begun = useRef<string | null>(null);
  useEffect(() => {
    if (!isThere) return;
    const isFirst = begun.current !== name;
    begun.current = name;
    // who looks at older bars is left there
    if (isFirst || chart.current?.isAtNow()) chart.current?.toNow(room);
  }, [name, isThere, room]);

  useEffect(() => {
    if (revealed !== null) chart.current?.reveal(revealed);
  }, [revealed]);

  return <div ref={place} role="img" aria-label={label} className={`min-w-0 ${className}`} />;
}
