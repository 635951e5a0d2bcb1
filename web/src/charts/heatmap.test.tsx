import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { Heat, told } from "@/charts/heatmap";

const COLUMNS = [
  { key: "2020-01", short: "J", full: "Jan 2020", group: "2020" },
  { key: "2020-02", short: "F", full: "Feb 2020", group: "2020" },
];
const cover = (expected: number | null, there: number | null, flagged: number | null) => ({
  expected,
  there,
  flagged,
});
const ROWS = [
  {
    key: "EURUSD 1h",
    name: "EURUSD 1h",
    head: "EURUSD 1h",
    extras: ["99.90"],
    cells: [cover(24, 24, 0), cover(24, 20, 2)],
  },
  {
    key: "XAUUSD 1h",
    name: "XAUUSD 1h",
    head: "XAUUSD 1h",
    extras: ["–"],
    cells: [cover(null, null, null), cover(24, 0, 0)],
  },
];

test("a cell is told in words", () => {
  expect(told("EURUSD 1h", "Feb 2020", cover(24, 20, 2))).toBe(
    "EURUSD 1h, Feb 2020: 20 of 24 bars, 83.3\u202f%, 4 missing, 2 flagged",
  );
  expect(told("X", "25", cover(0, 0, 0), "Christmas")).toBe("X, 25: nothing expected, Christmas");
});

test("each cell has its name, rows walk by keys, and Enter opens", async () => {
  const open = vi.fn();
  render(
    <Heat
      label="Coverage"
      rowHead="Series"
      extras={["Score"]}
      rows={ROWS}
      columns={COLUMNS}
      onOpen={open}
    />,
  );
  expect(screen.getByRole("cell", { name: "XAUUSD 1h, Jan 2020: nothing expected" })).toBeTruthy();
  expect(screen.getByRole("columnheader", { name: "Feb 2020" })).toBeTruthy();
  await userEvent.tab();
  await userEvent.keyboard("j");
  expect(document.activeElement).toBe(screen.getByRole("row", { name: /XAUUSD/ }));
  expect(screen.getByText("XAUUSD 1h, Feb 2020: 0 of 24 bars, 0.0 %, 24 missing")).toBeTruthy();
  await userEvent.keyboard("kh");
  expect(screen.getByText("EURUSD 1h, Jan 2020: 24 of 24 bars, 100.00 %")).toBeTruthy();
  await userEvent.keyboard("{Enter}");
  expect(open).toHaveBeenCalledWith("EURUSD 1h");
});
