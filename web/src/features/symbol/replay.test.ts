import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";

import { hour, page, tracked } from "@/features/symbol/examples";
import { joined } from "@/features/symbol/joined";
import { moved, startOf, useReplay } from "@/features/symbol/replay";
import { spokenBar, spokenChart } from "@/features/symbol/spoken";
import { staleness } from "@/features/symbol/stale";

const series = joined([page(0, 99)], undefined);
const { bars } = series;

test("a replay begins at the cursor, steps bar by bar and stops at the newest", () => {
  const { result } = renderHook(() => useReplay(bars, hour(97)));

  act(() => result.current.toggle());
  expect(result.current.cut).toBe(hour(97));
  act(() => result.current.step(1));
  act(() => result.current.step(5));
  expect(result.current.cut).toBe(hour(99));
  act(() => result.current.toggle());
  expect(result.current.cut).toBeNull();
});

test("without a cursor it begins some bars before the newest", () => {
  expect(startOf(bars, null)).toBe(hour(39));
  expect(startOf(bars.slice(0, 5), null)).toBe(hour(0));
  expect(startOf([], null)).toBeNull();
});

test("the cursor begins at the newest bar and stays within the bars", () => {
  expect(moved(bars, null, -1)).toBe(hour(99));
  expect(moved(bars, hour(99), 1)).toBe(hour(99));
  expect(moved(bars, hour(0), -1)).toBe(hour(0));
});

test("a bar is spoken with its prices, its signal and what came of it", () => {
  const told = { name: "EURUSD 1h", bars, decimals: 5, timeZone: "UTC" };

  expect(spokenBar(told, 4, tracked(4))).toBe(
    "Bar 5 of 100, closed 03 Jan 2022 04:00 UTC; up, open 1.10400, high 1.10600, low 1.10200, " +
      "close 1.10500; signal LONG, conviction 82 high; ✓ +1.62 R target.",
  );
});

test("the chart is spoken with its forecast", () => {
  const told = { name: "EURUSD 1h", bars, decimals: 5, timeZone: "UTC" };
  const quantiles = [
    { p: 0.05, price: 1.19 },
    { p: 0.5, price: 1.201 },
    { p: 0.95, price: 1.21 },
  ];
  const fan = { from: hour(99), price: 1.2, bars: 4, quantiles };
  const foretold = { member: "ridge", family: "linear", weight: 1, until: null, fan };

  expect(spokenChart(told, foretold)).toBe(
    "EURUSD 1h, 100 bars, last close 1.20000 at 07 Jan 2022 03:00 UTC, forecast of ridge median " +
      "up at 1.20100, 90 % between 1.19000 and 1.21000 in 4 bars",
  );
});

test("a signal two bars behind is stale, bars of an open market after two bars", () => {
  const open = { session: { at: "", is_open: true, next_open: null, sentence: "" } };
  const closed = { session: { ...open.session, is_open: false } };
  const live = { ...series, simulated: false };
  const later = new Date(hour(102) * 1000 + 1000);

  expect(staleness(series, tracked(97), open, "1h", later)).toEqual({
    bars: undefined,
    signal: "2 h",
  });
  expect(staleness(series, tracked(98), open, "1h", later).signal).toBeUndefined();
  expect(staleness(live, tracked(99), open, "1h", later).bars).toBe("3 h");
  expect(staleness(live, tracked(99), closed, "1h", later).bars).toBeUndefined();
});
