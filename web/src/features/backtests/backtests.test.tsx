import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { panesOf } from "@/features/backtests/curves";
import { Told, writerOf } from "@/features/backtests/figures";
import { fewOf, rangeOf } from "@/features/backtests/list";
import { groundOf, Months, yearOf } from "@/features/backtests/months";
import type { Estimate } from "@/features/backtests/questions";
import { Said } from "@/features/backtests/said";
import { signs } from "@/ui/words";

const figure = (changes: Partial<Estimate>): Estimate => ({
  name: "sharpe",
  title: "Sharpe",
  of: "chain",
  unit: "ratio",
  value: 1.2,
  low: 0.4,
  high: 2,
  level: 0.95,
  n: 500,
  few: false,
  basis: "out_of_sample",
  simulated: true,
  ...changes,
});

test("a figure says its interval, n and what it was measured on", () => {
  const { container } = render(<Told one={figure({})} />);
  expect(container.textContent).toContain("+1.20");
  expect(container.textContent).toContain("[+0.40, +2.00] 95 %, n 500, out of sample, simulated");
  expect(container.querySelector(".text-up")).not.toBeNull();
});

test("an interval that holds zero earns no colour, too few no interval", () => {
  const { container, rerender } = render(<Told one={figure({ low: -0.4 })} />);
  expect(container.querySelector(".text-up")).toBeNull();
  rerender(<Told one={figure({ n: 12, few: true })} />);
  expect(container.textContent).toContain("n 12 of 30, too few");
  expect(container.textContent).not.toContain("[");
});

test("a drawdown is no gain and carries no sign", () => {
  expect(writerOf(figure({ name: "drawdown", unit: "share" }))(0.0346)).toBe("3.46\u202f%");
  expect(writerOf(figure({ name: "total_return", unit: "share" }))(0.0346)).toBe("+3.46\u202f%");
});

test("a year is its months one after the other; one that was not tested is missing", () => {
  expect(yearOf([0.1, null, 0.1])).toBeCloseTo(0.21);
  expect(yearOf([null, null])).toBeNull();
});

test("months are tinted from half of the largest on", () => {
  expect(groundOf(null, 0.02)).toBe("text-ink3");
  expect(groundOf(0, 0.02)).toBe("text-ink3");
  expect(groundOf(0.005, 0.02)).toBe("text-up");
  expect(groundOf(-0.012, 0.02)).toBe("bg-down-tint text-down");
});

test("the months stand in a table with their years", () => {
  const months = Array.from({ length: 12 }, (_, n) => (n === 0 ? -0.0123 : null));
  render(<Months years={[{ year: 2021, months }]} />);
  const row = screen.getByRole("row", { name: /2021/ });
  const cells = within(row).getAllByRole("cell");
  expect(cells[0]?.textContent).toContain("−1.23");
  expect(cells[1]?.textContent).toContain("–");
  expect(cells[12]?.textContent).toContain("−1.23");
});

const equity = (own: number, hold: number) => ({
  days: ["2020-01-01", "2020-01-02"],
  curves: [
    { of: "chain", values: [1, own] },
    { of: "buy and hold", values: [1, hold] },
  ],
  low: [1, own],
  high: [1, own],
  fall: [0, 0],
});

test("the chain is drawn close up only where it is lost among the others", () => {
  expect(panesOf(equity(1.1, 1.2)).map((pane) => pane.title)).toEqual([
    "Equity since the start",
    "Below the last peak",
  ]);
  const panes = panesOf(equity(1.001, 1.5));
  expect(panes).toHaveLength(3);
  expect(panes[0]?.low).toBeUndefined();
  expect(panes[1]?.low).toBeDefined();
  expect(panes[0]?.lines[1]?.look).toBe("dashed");
});

test("an axis holds every interval and zero", () => {
  expect(rangeOf([{ value: 0.5, low: 0.2, high: 0.8 }, null])).toEqual([0, 0.8]);
  expect(rangeOf([])).toEqual([-1, 1]);
});

test("few names are told, many are counted", () => {
  expect(fewOf(["A", "B", "C", "D"])).toBe("A, B, C, D");
  expect(fewOf(["A", "B", "C", "D", "E"])).toBe("A, B, C and 2 more");
});

test("a hyphen before a figure is a minus, in a date it is not", () => {
  expect(signs("-0.14 % [-1.0, 2] since 2020-02-06, p=-1")).toBe(
    "−0.14 % [−1.0, 2] since 2020-02-06, p=−1",
  );
});

test("a table of the report keeps its words and draws its main figure", () => {
  render(
    <Said
      label="By regime"
      table={{
        columns: ["volatility", "Sharpe"],
        rows: [
          ["calm", "–"],
          ["usual", "-1.02 [-1.78, 0.50]"],
        ],
        note: "A note.",
        drawn: [
          { name: "calm", value: null, low: null, high: null },
          { name: "usual", value: -1.02, low: -1.78, high: 0.5 },
        ],
      }}
    />,
  );
  const row = screen.getByRole("row", { name: /usual/ });
  expect(row.textContent).toContain("−1.02 [−1.78, 0.50]");
  expect(within(row).getByRole("img", { name: "usual against zero" })).toBeTruthy();
  expect(screen.getAllByRole("img")).toHaveLength(1);
  expect(screen.getByText("A note. Brackets hold 95 %.")).toBeTruthy();
});
