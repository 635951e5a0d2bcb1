import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import type { Shapes } from "@/api/queries";
import { page } from "@/features/symbol/examples";
import { joined } from "@/features/symbol/joined";
import { inParts, moveOf, pipOf } from "@/features/symbol/money";
import { SymbolBar } from "@/features/symbol/symbol-bar";

const instrument = {
  symbol: "EURUSD",
  asset_class: "fx",
  venue: "OTC",
  base: "EUR",
  quote: "USD",
  series: [{ timeframe: "1h" }, { timeframe: "1d" }],
} as Shapes["InstrumentOut"];

test("lengths that are stored can be chosen, the others cannot", async () => {
  const chosen = vi.fn();
  render(
    <SymbolBar
      symbol="EURUSD"
      timeframe="1h"
      instrument={instrument}
      series={joined([page(0, 30)], undefined)}
      onTimeframe={chosen}
    >
      {null}
    </SymbolBar>,
  );

  await userEvent.click(screen.getByRole("button", { name: "1d" }));
  await userEvent.click(screen.getByRole("button", { name: "5m" }));

  expect(chosen.mock.calls).toEqual([["1d"]]);
  expect(screen.getByRole("button", { name: "1h", pressed: true })).toBeTruthy();
  expect(screen.getByRole("button", { name: "5m" })).toHaveProperty("disabled", true);
  expect(screen.getByText(/\+240\.0 pip/)).toBeTruthy();
});

test("a pip is a tenth of a thousandth, of yen a hundredth; others have none", () => {
  expect(pipOf({ asset_class: "fx", quote: "USD" })).toBe(0.0001);
  expect(pipOf({ asset_class: "fx", quote: "JPY" })).toBe(0.01);
  expect(pipOf({ asset_class: "metal", quote: "USD" })).toBeNull();
  expect(moveOf(-0.00276, 0.0001, 5)).toBe("−27.6 pip");
  expect(moveOf(4.5, null, 2)).toBe("+4.50");
  expect(inParts(1.06465, 5, 0.0001)).toEqual(["1.0646", "5"]);
  expect(inParts(983.51, 2, null)).toEqual(["983.51", ""]);
});
