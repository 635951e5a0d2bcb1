import { expect, test } from "vitest";

import { event, hour, member, page, signal, story, tracked } from "@/features/symbol/examples";
import { fansOfSignal, heaviest } from "@/features/symbol/fans";
import { joined } from "@/features/symbol/joined";
import { outcomeOf } from "@/features/symbol/outcome";
import {
  closesAhead,
  convictionPane,
  dueOf,
  indicatorPane,
  levelsOf,
  pastOf,
  pinned,
} from "@/features/symbol/scene";

const series = joined([page(0, 20)], undefined);

test("a plan has three lines, a signal that waits has none", () => {
  expect(levelsOf(signal()).map((one) => [one.kind, one.price])).toEqual([
    ["target", 1.106],
    ["entry", 1.1],
    ["stop", 1.096],
  ]);
  expect(levelsOf(signal({ decision: "WAIT", stop: null, target: null }))).toEqual([]);
});

test("an outcome is told with its sign, a withheld one as missed or spared", () => {
  const { trade } = tracked(1);
  const lost = { ...trade, r_net: -1.03, end: "stop" } as typeof trade;
  const spared = { ...lost, hypothetical: true, withheld: "spared" } as typeof trade;

  expect(outcomeOf(tracked(1))).toBe("✓ +1.62 R target");
  expect(outcomeOf(tracked(1, { trade: lost }))).toBe("✕ −1.03 R stop");
  expect(outcomeOf(tracked(1, { trade: spared, decision: "WAIT" }))).toBe(
    "withheld, −1.03 R spared",
  );
  expect(outcomeOf(tracked(1, { trade: null, horizon: null }))).toBe("");
});

test("the chart marks what was decided and what was withheld though strong", () => {
  const found = pastOf([
    tracked(1),
    tracked(2, { decision: "WAIT", tier: "MODERATE" }),
    tracked(3, { decision: "WAIT", tier: "LOW" }),
    tracked(4, { direction: "NONE" }),
  ]);

  expect(found.map((one) => [one.id, one.isWithheld])).toEqual([
    ["sig-1", false],
    ["sig-2", true],
  ]);
});

test("a story is pinned to the bar in which it could first be known", () => {
  const found = pinned(
    [story(hour(9) + 5), story(hour(4)), story(hour(3), { score: null })],
    series.bars,
  );

  expect(found.map(({ pin }) => [pin.text, pin.time])).toEqual([
    ["1", hour(10)],
    ["2", hour(4)],
  ]);
});

test("events of high impact and those to come are named", () => {
  const marked = dueOf(
    [event(hour(2)), event(hour(3), { impact: "high" }), event(hour(22))],
    hour(20),
  );

  expect(marked.map((one) => one.isMarked)).toEqual([false, true, true]);
});

test("conviction stands at the bars that have a signal, and nowhere else", () => {
  const pane = convictionPane([tracked(3), tracked(99)], series.bars, signal().fusion);

  expect(pane.values).toEqual([{ time: hour(3), value: 82, strength: 3 }]);
  expect(pane.lines.map((line) => line.value)).toEqual([80, 60]);
});

test("an indicator has a place for every bar", () => {
  expect(indicatorPane("ATR", series).values).toHaveLength(21);
  expect(indicatorPane("ATR", series).values.at(-1)?.value).toBeCloseTo(0.004, 9);
});

test("closes to come are named only where they are known", () => {
  expect(closesAhead(hour(20), hour(24), 4, 3600)).toEqual([21, 22, 23, 24].map(hour));
  expect(closesAhead(hour(20), hour(72), 4, 3600)).toEqual([]);
  expect(closesAhead(hour(20), null, 4, 3600)).toEqual([]);
});

test("the fan is that of the member that weighs most, of these bars", () => {
  const said = signal({
    members: [
      member({ member: "naive", family: "climatology", weight: 0 }),
      member({ member: "trees", weight: 0.7 }),
      member({ member: "slow", weight: 0.9, timeframe: "4h" }),
    ],
  });
  const fans = fansOfSignal(said, "1h");

  expect(heaviest(fans)?.member).toBe("trees");
  expect(fans[0]?.fan.quantiles[2]?.price).toBeCloseTo(1.1 * Math.exp(0.016), 12);
  expect(heaviest(fans.map((one) => ({ ...one, weight: 0 })))?.member).toBe("naive");
  expect(heaviest([])).toBeNull();
});
