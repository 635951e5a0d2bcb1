import { useEffect, useRef, useState } from "react";

/** How wide a chart may be drawn, so that its words keep their size. */
export function useWidth(usual: number) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(usual);
  useEffect(() => {
    const element = box.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const watch = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(200, Math.round(entry.contentRect.width)));
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return { box, width };
}

/** Round marks from `low` to `high`, about `many` of them. */
export function marksOf(low: number, high: number, many: number): number[] {
  const span = high - low || 1;
  const rough = span / many;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((one) => one * ten >= rough) ?? 10) * ten;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, n) => (first + n) * step);
}

/** Where years, or months of a short span, begin among `days`: place and word. */
export function datesOf(days: readonly string[], room: number): { at: number; word: string }[] {
  const byYear = begins(days, 4);
  const found = byYear.length >= 2 ? byYear : begins(days, 7);
  const every = Math.max(1, Math.ceil(found.length / Math.max(1, room)));
  return found.filter((_, n) => n % every === 0);
}

function begins(days: readonly string[], length: number): { at: number; word: string }[] {
  return days.flatMap((day, at) => {
    const word = day.slice(0, length);
    return at > 0 && days[at - 1]?.slice(0, length) !== word ? [{ at, word }] : [];
  });
}

/** The ends of many values; those that are missing count for nothing. */
export function endsOf(values: readonly (number | null)[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 0];
}
