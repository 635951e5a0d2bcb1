import { expect, test } from "vitest";

import { band, onTheWay, quantile, reach } from "@/charts/fan/fan";

const fan = {
  from: 0,
  price: 100,
  bars: 4,
  quantiles: [
    { p: 0.05, price: 90 },
    { p: 0.25, price: 96 },
    { p: 0.5, price: 101 },
    { p: 0.75, price: 105 },
    { p: 0.95, price: 112 },
  ],
};

test("a band lies between the quantiles that were told", () => {
  expect(band(fan, 0.9)).toEqual({ share: 0.9, low: 90, high: 112 });
  expect(band(fan, 0.5)).toEqual({ share: 0.5, low: 96, high: 105 });
  expect(quantile(fan, 0.5)).toBe(101);
});

test("a band whose ends were not told is not made up", () => {
  expect(band(fan, 0.8)).toBeNull();
  expect(reach({ ...fan, quantiles: [] })).toBeNull();
});

test("the fan opens with the root of time and ends where it was told", () => {
  expect(onTheWay(fan, 112, 0)).toBe(100);
  expect(onTheWay(fan, 112, 0.25)).toBe(106);
  expect(onTheWay(fan, 112, 1)).toBe(112);
});
