import { expect, test } from "vitest";

import { event, hour, iso, page, story, tracked } from "@/features/symbol/examples";
import { joined } from "@/features/symbol/joined";
import { inOrder, knownAt, resolvedUntil } from "@/features/symbol/known";

const gap = { first: iso(hour(15)), last: iso(hour(16)), bars: 2 };
const all = {
  series: joined([page(0, 20, { gaps: [gap] })], undefined),
  signals: inOrder([tracked(12), tracked(8), tracked(4)]),
  stories: [story(hour(11)), story(hour(9))],
  events: [event(hour(9)), event(hour(11))],
};

test("at a bar nothing is known that came later", () => {
  const found = knownAt(all, hour(10));

  expect(found.series.bars.at(-1)?.time).toBe(hour(10));
  expect(found.series.stretches).toEqual([]);
  expect(found.signals.map((one) => one.id)).toEqual(["sig-4", "sig-8"]);
  expect(found.stories).toHaveLength(1);
  expect(found.events).toHaveLength(1);
});

test("an outcome is hidden until it was due", () => {
  const [first, second] = knownAt(all, hour(11)).signals;

  expect(first?.horizon?.hit).toBe(true);
  expect(second?.horizon).toBeNull(); // due at 12
  expect(second?.trade?.end).toBe("target"); // ended at 11
  expect(knownAt(all, hour(10)).signals[1]?.trade).toBeNull();
});

test("without a cut all is known", () => {
  expect(knownAt(all, null)).toBe(all);
});

test("a record counts signals up to the first whose outcome is to come", () => {
  expect(resolvedUntil(knownAt(all, hour(11)).signals)).toBe(iso(hour(4)));
  expect(resolvedUntil(all.signals)).toBe(iso(hour(12)));
  expect(resolvedUntil([])).toBeNull();
});
