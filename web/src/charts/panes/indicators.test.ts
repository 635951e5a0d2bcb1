import { expect, test } from "vitest";

import type { Bar } from "@/charts/candles/bars";
import { atr, rsi, settled, SETTLED } from "@/charts/panes/indicators";

const bar = (time: number, close: number, high = close, low = close): Bar => ({
  time,
  open: close,
  high,
  low,
  close,
  volume: 0,
});

// The worked example of StockCharts' ChartSchool, "Relative Strength Index" (QQQQ, 2009-12 on).
const CLOSES = [
  44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931,
  46.0328, 45.614, 46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439,
];

test("relative strength is Wilder's", () => {
  const found = rsi(CLOSES.map((close, n) => bar(n, close)));

  expect(found.slice(0, 14)).toEqual(Array(14).fill(null));
  const expected = [70.53, 66.32, 66.55, 69.41, 66.36, 57.97];
  found.slice(14).forEach((value, n) => expect(value).toBeCloseTo(expected[n] as number, 1));
});

test("relative strength of a market that stands still is 50, of one that only rises 100", () => {
  expect(rsi(Array.from({ length: 20 }, (_, n) => bar(n, 1))).at(-1)).toBe(50);
  expect(rsi(Array.from({ length: 20 }, (_, n) => bar(n, n))).at(-1)).toBe(100);
});

test("true range counts the jump from the last close", () => {
  const bars = [bar(0, 10), bar(1, 12, 13, 11), bar(2, 9, 10, 8), bar(3, 9, 9.5, 8.5)];

  // ranges: 13 - 10 = 3, 12 - 8 = 4, 1; the mean of two, then half of each new one
  expect(atr(bars, 2)).toEqual([null, null, 3.5, 2.25]);
});

test("values that depend on where the bars begin are not shown", () => {
  const values = Array.from({ length: SETTLED + 1 }, () => 1);

  expect(settled(values, false).filter((one) => one !== null)).toHaveLength(1);
  expect(settled(values, true)).toEqual(values);
});
