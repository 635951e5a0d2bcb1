import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { Waterfall } from "@/charts/waterfall";
import {
  adding,
  bySize,
  isClear,
  logit,
  type Part,
  scaleOf,
  stepsOf,
  ticksOf,
  weightOf,
} from "@/charts/waterfall-places";

function part(name: string, value: number, more: Partial<Part> = {}): Part {
  return {
    key: name,
    name,
    family: "linear",
    probability: 0.52,
    skill: 0.002,
    skillError: 0.0005,
    weight: 0.5,
    part: value,
    reason: null,
    ...more,
  };
}

const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);
const thousandths = (value: number) => Math.round(value * 1000);

test("the column adds up to the total as it is printed, whatever the parts are", () => {
  let seed = 7;
  const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5;
  for (let round = 0; round < 2000; round += 1) {
    const values = Array.from({ length: 1 + (round % 12) }, chance);
    const total = sum(values);
    const printed = adding(values, total);
    expect(sum(printed.map(thousandths))).toBe(thousandths(total));
    for (const [n, value] of values.entries()) {
      expect(Math.abs((printed[n] ?? 0) - value)).toBeLessThanOrEqual(0.0015);
    }
  }
});

test("what is missing goes where it costs least, and never to a member that adds nothing", () => {
  expect(adding([-0.1295039, 0.0002268, 0], -0.1292771)).toEqual([-0.129, 0, 0]);
  expect(adding([0, 0.0004, 0.0004], 0.0008)).toEqual([0, 0.001, 0]);
});

test("parts that do not make the total are not dressed up", () => {
  expect(adding([0.1, 0.2], 0.5)).toEqual([0.1, 0.2]);
});

test("bars start where the last ended", () => {
  expect(stepsOf(-0.02, [part("a", 0.1), part("b", -0.03)])).toEqual([
    { from: -0.02, to: 0.08 },
    { from: 0.08, to: 0.05 },
  ]);
});

test("the largest is first and those without weight are last", () => {
  const rows = [part("none", 0, { weight: 0 }), part("small", 0.01), part("large", -0.2)];
  expect(bySize(rows).map((one) => one.name)).toEqual(["large", "small", "none"]);
});

test("the scale holds the interval and even odds", () => {
  const scale = scaleOf({ base: 0.1, low: 0.55, high: 0.6, total: 0.3 }, []);
  for (const one of [0, 0.1, logit(0.55), logit(0.6)]) {
    expect(scale.at(one)).toBeGreaterThan(0);
    expect(scale.at(one)).toBeLessThan(100);
  }
  expect(ticksOf(0.02, 0.31, 4)).toEqual([0.1, 0.2, 0.30000000000000004]);
});

test("colour is earned by a skill whose interval is clear of zero", () => {
  expect(isClear(part("a", 0.1))).toBe(true);
  expect(isClear(part("a", 0.1, { skillError: 0.0015 }))).toBe(false);
  expect(weightOf(0.001)).toBe("< 0.01");
  expect(weightOf(0)).toBe("0.00");
});

/** The printed figure at the end of a row. */
function odds(row: HTMLElement): number {
  const text = within(row).getAllByRole("cell").at(-1)?.textContent ?? "";
  return Number(text.replace(/[▲▼+\s]/g, "").replace("−", "-"));
}

test("on the screen the rows add up to the pooled row, and a member without weight says why", () => {
  const parts = [
    part("ridge 1h", 0.11178),
    part("momentum 4h", -0.00022, { weight: 0.001 }),
    part("naive 1h", 0, { weight: 0, reason: "has not passed the gate" }),
  ];
  const base = -0.02687;
  const total = base + 0.11178 - 0.00022;
  render(
    <Waterfall label="Evidence" pool={{ base, low: 0.5, high: 0.543, total }} parts={parts} />,
  );
  const rows = ["base rate", "ridge 1h", "momentum 4h", "naive 1h"].map((name) =>
    screen.getByRole("row", { name: new RegExp(`^${name}`) }),
  );
  const pooled = screen.getByRole("row", { name: /^pooled/ });
  expect(sum(rows.map((row) => thousandths(odds(row))))).toBe(thousandths(odds(pooled)));
  expect(within(rows[3] as HTMLElement).getByTitle("has not passed the gate")).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("a record whose parts do not make its total says so", () => {
  render(
    <Waterfall
      label="Evidence"
      pool={{ base: 0, low: 0.5, high: 0.6, total: 0.5 }}
      parts={[part("a", 0.1)]}
    />,
  );
  expect(screen.getByRole("alert").textContent).toContain("do not add up");
});
