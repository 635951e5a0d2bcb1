import { expect, test } from "vitest";

import * as format from "@/lib/format";
import * as time from "@/lib/time";

test("a missing number is a dash and never 0", () => {
  for (const write of [
    format.number,
    format.signed,
    format.percent,
    format.count,
    format.signedPercent,
  ]) {
    expect(write(null)).toBe("–");
    expect(write(undefined)).toBe("–");
    expect(write(Number.NaN)).toBe("–");
  }
});

test("a change carries its sign, and a minus is a minus", () => {
  expect(format.signed(0.126)).toBe("+0.13");
  expect(format.signed(-0.126)).toBe("−0.13");
  expect(format.signed(-0.001)).toBe("0.00");
  expect(format.signedPercent(0.0013)).toBe("+0.13\u202f%");
});

test("numbers are never scientific", () => {
  expect(format.number(1e-7, 8)).toBe("0.00000010");
  expect(format.number(1234567.891)).toBe("1,234,567.89");
});

test("an interval stands in square brackets", () => {
  expect(format.interval(55.9, 63.8, (x) => format.number(x, 1))).toBe("[55.9, 63.8]");
  expect(format.interval(null, 1)).toBe("");
});

test("decimals are those of the tick", () => {
  expect(format.decimalsOf("0.00001")).toBe(5);
  expect(format.decimalsOf("0.010")).toBe(2);
  expect(format.decimalsOf("1")).toBe(0);
});

test("a time carries its zone", () => {
  expect(time.full("2022-12-14T14:00:12Z")).toBe("Wed 14 Dec 2022 14:00:12 UTC");
  expect(time.full("2022-12-14T14:00:12Z", "America/New_York")).toContain("09:00:12");
});

test("ages are short", () => {
  expect([12, 3900, 61200, 864_000].map(time.age)).toEqual(["12 s", "65 min", "17 h", "10 d"]);
});
