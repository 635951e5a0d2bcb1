import { expect, test } from "vitest";

import { monthsOf, usualYear, yearsOf } from "@/features/data/days";
import {
  cellsOf,
  monthColumns,
  monthWord,
  timeframesOf,
  yearColumns,
} from "@/features/data/matrix";
import { isShown, usedOf } from "@/features/data/sources";

const MONTHS = ["2020-11", "2020-12", "2021-01"];
const ROW = {
  symbol: "EURUSD",
  timeframe: "1h" as const,
  simulated: true,
  expected: [null, 500, 480],
  there: [null, 490, 480],
  flagged: [null, 3, 0],
  looked_at: "2022-01-01T00:00:00Z",
};

test("months stand under their years", () => {
  expect(monthWord("2020-12")).toBe("Dec 2020");
  expect(monthColumns(MONTHS).map((one) => one.group)).toEqual(["2020", "2020", "2021"]);
  expect(yearColumns(MONTHS).map((one) => one.key)).toEqual(["2020", "2021"]);
});

test("a year is its months together; a month without bars counts for nothing", () => {
  expect(cellsOf(ROW, MONTHS, "month")).toHaveLength(3);
  expect(cellsOf(ROW, MONTHS, "year")).toEqual([
    { expected: 500, there: 490, flagged: 3 },
    { expected: 480, there: 480, flagged: 0 },
  ]);
});

test("timeframes are told the shortest first", () => {
  const rows = [{ timeframe: "1d" }, { timeframe: "5m" }, { timeframe: "4h" }, { timeframe: "1d" }];
  expect(timeframesOf(rows)).toEqual(["5m", "4h", "1d"]);
});

test("the days of a year stand by month, holidays named", () => {
  const found = {
    days: {
      day: ["2020-12-24", "2020-12-28", "2021-01-04"],
      expected: [24, 24, 24],
      there: [24, 20, 24],
      flagged: [0, 1, 0],
    },
    holidays: [{ day: "2020-12-25", name: "Christmas" }],
  };
  const [month, ...more] = monthsOf(found, "2020");
  expect(more).toEqual([]);
  expect(month?.name).toBe("Dec 2020");
  expect(month?.cells[27]).toEqual({ expected: 24, there: 20, flagged: 1 });
  expect(month?.cells[0]).toEqual({ expected: null, there: null, flagged: null });
  expect(month?.notes?.[24]).toBe("Christmas");
  expect(yearsOf(found.days.day)).toEqual(["2021", "2020"]);
});

test("a year that has only begun is not the first shown", () => {
  const full = Array.from(
    { length: 60 },
    (_, n) => `2020-0${1 + Math.floor(n / 28)}-${String(1 + (n % 28)).padStart(2, "0")}`,
  );
  expect(usualYear([...full, "2021-01-04"])).toBe("2020");
  expect(usualYear(["2021-01-04"])).toBe("2021");
  expect(usualYear([])).toBe("");
});

test("sources that lack a key are told apart, and limits say how much is used", () => {
  expect(isShown({ key: "missing" }, "usable")).toBe(false);
  expect(isShown({ key: "optional" }, "usable")).toBe(true);
  expect(isShown({ key: "missing" }, "missing")).toBe(true);
  expect(usedOf({ limits: [{ calls: 200, seconds: 60, used: 3 }] })).toEqual(["3 of 200 in 60 s"]);
  expect(usedOf({ limits: [] })).toEqual(["–"]);
});
