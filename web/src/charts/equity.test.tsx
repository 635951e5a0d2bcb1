import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { Equity } from "@/charts/equity";
import { datesOf, endsOf, marksOf } from "@/charts/equity-axis";

const DAYS = ["2020-12-30", "2020-12-31", "2021-01-01"];
const PANES = [
  {
    title: "Equity",
    lines: [{ name: "chain", values: [0, 0.01, -0.02], look: "own" as const }],
    low: [0, 0, -0.03],
    high: [0, 0.02, 0],
    height: 100,
  },
];

test("marks are round", () => {
  expect(marksOf(-0.4, 1.1, 3)).toEqual([0, 0.5, 1]);
  expect(marksOf(0, 0, 3).length).toBeGreaterThan(0);
});

test("dates stand where months begin, or years of a long span", () => {
  expect(datesOf(DAYS, 5)).toEqual([{ at: 2, word: "2021-01" }]);
  const long = ["2018-12-31", "2019-01-01", "2020-01-01", "2021-01-04"];
  expect(datesOf(long, 5).map((one) => one.word)).toEqual(["2019", "2020", "2021"]);
});

test("missing values have no ends", () => {
  expect(endsOf([null])).toEqual([0, 0]);
  expect(endsOf([null, 2, -1])).toEqual([-1, 2]);
});

test("the cursor walks by keys and tells each day", async () => {
  render(<Equity label="Equity" days={DAYS} panes={PANES} isTable={false} />);
  const chart = screen.getByRole("slider", { name: "Equity" });
  expect(chart.getAttribute("aria-valuetext")).toBe("2021-01-01: chain −2.00\u202f%");
  chart.focus();
  await userEvent.keyboard("{ArrowLeft}");
  expect(chart.getAttribute("aria-valuetext")).toBe("2020-12-31: chain +1.00\u202f%");
  await userEvent.keyboard("{Home}{ArrowLeft}");
  expect(chart.getAttribute("aria-valuenow")).toBe("0");
});

test("its table has every day, the band too", () => {
  render(<Equity label="Equity" days={DAYS} panes={PANES} isTable />);
  expect(screen.getAllByRole("row")).toHaveLength(4);
  expect(screen.getByRole("columnheader", { name: "band, low" })).toBeTruthy();
  expect(screen.getByRole("row", { name: /2020-12-31/ }).textContent).toContain("+1.00\u202f%");
});
