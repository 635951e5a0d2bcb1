import { expect, test } from "vitest";

import { stepOf, sumOf } from "@/charts/heatmap-cover";

const cover = (expected: number | null, there: number | null, flagged: number | null = 0) => ({
  expected,
  there,
  flagged,
});

test("a gap is a gap only where something is expected", () => {
  expect(stepOf(cover(null, null))).toBe("closed");
  expect(stepOf(cover(0, 0))).toBe("closed");
  expect(stepOf(cover(24, 24))).toBe("full");
  expect(stepOf(cover(1000, 999))).toBe("nearly");
  expect(stepOf(cover(24, 22))).toBe("partly");
  expect(stepOf(cover(24, 3))).toBe("hardly");
  expect(stepOf(cover(24, 0))).toBe("none");
  expect(stepOf(cover(24, null))).toBe("none");
});

test("months that say nothing leave a year that says nothing", () => {
  expect(sumOf([cover(null, null, null)])).toEqual(cover(null, null, null));
  expect(sumOf([cover(null, null, null), cover(10, 9, 1), cover(10, 10, 0)])).toEqual(
    cover(20, 19, 1),
  );
});
