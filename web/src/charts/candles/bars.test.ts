import { expect, test } from "vitest";

import { type Bar, changedFrom, exactly, placeOf } from "@/charts/candles/bars";

const bar = (time: number, close = 1): Bar => ({
  time,
  open: 1,
  high: 2,
  low: 0.5,
  close,
  volume: 0,
});
const bars = [10, 20, 40].map((time) => bar(time));

test("a time between two bars belongs to the one that closes next", () => {
  expect(placeOf(bars, 20)).toBe(1);
  expect(placeOf(bars, 21)).toBe(2);
  expect(placeOf(bars, 41)).toBe(3);
  expect(exactly(bars, 21)).toBe(-1);
});

test("a bar that closes is added, the others are left alone", () => {
  expect(changedFrom(bars, [...bars, bar(50)])).toBe(3);
});

test("a newest bar that moved is drawn again, and nothing before it", () => {
  expect(changedFrom(bars, [bar(10), bar(20), bar(40, 1.5)])).toBe(2);
});

test("older bars in front, fewer bars or another series are drawn as a whole", () => {
  expect(changedFrom(bars, [bar(5), ...bars])).toBeNull();
  expect(changedFrom(bars, bars.slice(0, 2))).toBeNull();
  expect(changedFrom([], bars)).toBeNull();
});

test("nothing is drawn where nothing changed", () => {
  expect(changedFrom(bars, [...bars])).toBe(bars.length);
});
