import { expect, test } from "vitest";

import { hour, iso, page } from "@/features/symbol/examples";
import { dayChange, hasHole, joined } from "@/features/symbol/joined";

test("pages and the newest bars are one series, the newest answer last", () => {
  const newest = page(10, 20, { earlier: iso(hour(9)) });
  const tail = page(19, 22, { earlier: iso(hour(18)), close: [7, 7, 7, 7] });

  const found = joined([newest, page(0, 9)], tail);

  expect(found.bars.map((bar) => bar.time)).toEqual(Array.from({ length: 23 }, (_, n) => hour(n)));
  expect(found.bars.slice(-5).map((bar) => bar.close === 7)).toEqual([
    false,
    true,
    true,
    true,
    true,
  ]);
  expect(found.isWhole).toBe(true);
});

test("newest bars that do not reach back to the pages are left out until they are asked again", () => {
  const late = page(40, 42, { earlier: iso(hour(39)) });

  expect(hasHole([page(0, 20)], late)).toBe(true);
  expect(joined([page(0, 20)], late).bars).toHaveLength(21);
});

test("what is missing and what is flagged is told once", () => {
  const gap = { first: iso(hour(3)), last: iso(hour(4)), bars: 2 };
  const flaw = {
    code: "spike",
    severity: "misleading",
    first: iso(hour(7)),
    last: iso(hour(7)),
    sentence: "",
  } as const;

  const found = joined(
    [page(0, 9, { gaps: [gap], flaws: [flaw] })],
    page(5, 9, { flaws: [flaw], earlier: iso(hour(2)) }),
  );

  expect(found.stretches.map((one) => one.text)).toEqual(["2 missing", "spike"]);
});

test("the change of a day is against the last close a day before", () => {
  const { bars } = joined([page(0, 30)], undefined);

  expect(dayChange(bars)).toEqual({ from: bars[6]?.close, to: bars[30]?.close });
  expect(dayChange(bars.slice(0, 5))).toBeNull();
});
