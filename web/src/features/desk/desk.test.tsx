import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import type { Shapes } from "@/api/queries";
import { turnsOf } from "@/features/desk/changes";
import { freshnessOf } from "@/features/desk/fresh";
import { hoursOf, lanesOf, localTime, overlapOf, placeName } from "@/features/desk/lanes";
import { closedSymbols, marketTime } from "@/features/desk/market";
import { Record } from "@/features/desk/record";
import { outcomeOf } from "@/features/desk/resolved";
import { Sessions } from "@/features/desk/sessions";

const asked = <Data,>(data: Data) => ({
  data,
  error: null,
  isPending: false,
  dataUpdatedAt: 1,
  refetch: vi.fn(),
});
const hours = (opens: string, closes: string) => ({
  opens,
  closes,
  opens_local: opens,
  closes_local: closes,
});

const SESSIONS: Shapes["SessionsOut"] = {
  at: "2022-12-14T14:00:12.250Z",
  start: "2022-12-14T02:00:12.250Z",
  end: "2022-12-15T02:00:12.250Z",
  markets: [
    {
      calendar: "XNYS",
      zone: "America/New_York",
      symbols: ["AAPL"],
      is_open: false,
      local: "2022-12-14T09:00:12-05:00",
      sentence: "XNYS was closed (before the open)",
      holiday: null,
      next_open: "2022-12-14T14:30:00Z",
      next_close: "2022-12-14T21:00:00Z",
      sessions: [
        {
          ...hours("2022-12-14T14:30:00Z", "2022-12-14T21:00:00Z"),
          day: "2022-12-14",
          break_start: null,
          break_end: null,
          note: null,
        },
      ],
    },
  ],
  centres: [
    {
      name: "london",
      zone: "Europe/London",
      is_open: true,
      local: "2022-12-14T14:00:12Z",
      spans: [hours("2022-12-14T08:00:00Z", "2022-12-14T17:00:00Z")],
    },
    {
      name: "new_york",
      zone: "America/New_York",
      is_open: true,
      local: "2022-12-14T09:00:12-05:00",
      spans: [hours("2022-12-14T13:00:00Z", "2022-12-14T22:00:00Z")],
    },
  ],
};

test("lanes lie on one axis, and a local time of another day says so", () => {
  const [london, , exchange] = lanesOf(SESSIONS);

  expect(london?.spans[0]?.from).toBeCloseTo(0.25, 2);
  expect(london?.nextClose).toBe("2022-12-14T17:00:00Z");
  expect(exchange?.nextOpen).toBe("2022-12-14T14:30:00Z");
  expect(localTime("2022-12-14T14:00:00Z", "Australia/Sydney")).toBe("01:00⁺¹");
  expect(localTime("2022-12-14T02:00:00Z", "America/New_York")).toBe("21:00⁻¹");
  expect(placeName("new_york")).toBe("New York");
  expect(placeName("XNYS")).toBe("XNYS");
});

test("an overlap is said, and the hours of the axis stand six apart", () => {
  expect(overlapOf(SESSIONS)).toBe("London and New York overlap");
  expect(hoursOf(SESSIONS).map((hour) => hour.label)).toEqual(["06", "12", "18", "00"]);
});

test("t shows the sessions as a table", async () => {
  render(<Sessions query={asked(SESSIONS)} />);
  expect(screen.queryByRole("table")).toBeNull();

  await userEvent.setup().keyboard("t");

  const table = screen.getByRole("table");
  expect(within(table).getByText("opens in 29 min")).toBeTruthy();
  expect(within(table).getByText("closes in 2 h 59 min")).toBeTruthy();
});

test("a closed symbol says when it opens", () => {
  expect(closedSymbols(SESSIONS, "UTC").get("AAPL")).toBe("opens 14:30 UTC");
  expect(closedSymbols(undefined, "UTC").size).toBe(0);
});

const SIGNAL = {
  id: "sig-2",
  tier: "HIGH",
  decision: "LONG",
  direction: "UP",
  evidence: "PROVEN",
  as_of: "2022-01-03T12:00:00Z",
  entry: 2,
} as Shapes["SignalLine"];
const PLACE = {
  symbol: "EURUSD",
  timeframe: "1h",
  asset_class: "fx",
  simulated: true,
  signal: SIGNAL,
  previous: { ...SIGNAL, id: "sig-1", tier: "LOW", decision: "WAIT" },
  last_bar_at: "2022-01-03T12:00:00Z",
  age_seconds: 0,
  bars_behind: 0,
  is_stale: false,
} as Shapes["PlaceOut"];

test("what changed names both sides; what stayed is not listed", () => {
  const same = { ...PLACE, previous: SIGNAL };

  const [turn, ...others] = turnsOf([same, PLACE]);

  expect(turn?.words).toEqual(["LOW → HIGH CONVICTION", "WAIT → LONG"]);
  expect(others).toEqual([]);
});

test("a simulated market's time is its own; ages count to it", () => {
  const board = { at: "2026-11-29T20:42:00Z", places: [PLACE], problems: [] };
  const at = marketTime(board, true);

  const { lines } = freshnessOf(board, [], new Map(), at);

  expect(at).toBe("2022-01-03T12:00:00Z");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ name: "FX, 1", seconds: 0, gaps: null, stale: null });
  expect(marketTime(board, false)).toBeUndefined();
});

test("a series that is behind has a line of its own", () => {
  const old = { ...PLACE, is_stale: true, age_seconds: 3900, bars_behind: 13 };
  const board = { at: "2022-01-03T13:05:00Z", places: [old], problems: [] };

  const { lines } = freshnessOf(board, [], new Map(), undefined);

  expect(lines[1]).toMatchObject({ name: "EURUSD 1h", stale: "65 min" });
});

test("outcomes say what came, losing and withheld ones too", () => {
  const one = (trade: object | null, hit: boolean | null = null) =>
    outcomeOf({ trade, horizon: { hit, outcome: "flat" } } as Shapes["TrackSignal"]);

  expect(one({ hypothetical: false, r_net: -1.04, end: "stop" })).toBe("✕ −1.04 R stop");
  expect(one({ hypothetical: false, r_net: 1.12, end: "target" })).toBe("✓ +1.12 R target");
  expect(one({ hypothetical: true, r_net: 0.5, end: "time" })).toBe("◦ +0.50 R");
  expect(one(null, false)).toBe("✕ side did not come");
  expect(one(null)).toBe("– flat");
});

const mean = (value: number | null, n: number, few = false) => ({
  value,
  low: few ? null : 0.51,
  high: few ? null : 0.61,
  level: 0.95,
  n,
  days: 3,
  too_few: few,
});

test("figures of the record carry n, interval and kind; too few have no interval", () => {
  const loss = { loss: mean(0.2, 90), baseline: mean(0.2, 90), gain: mean(0.02, 90, true) };
  const group: Shapes["TrackGroup"] = {
    name: "all",
    kind: "simulated",
    n: 90,
    days: 3,
    moved: 80,
    flat: 10,
    unknown: 0,
    too_few: false,
    simulated: true,
    hit_rate: mean(0.56, 90),
    brier: loss,
    log_loss: loss,
    net_return: mean(null, 0, true),
    r: mean(0.3, 12, true),
    withheld: { hypothetical: true, missed: 1, spared: 2, r: mean(0, 3, true) },
    coverage: [],
  };

  render(<Record query={asked({ by: "all", groups: [group], open: 5, left_out: 0 })} />);

  const of = (name: string) => screen.getByText(name).nextElementSibling?.textContent;
  expect(of("Right side")).toContain("[51.0, 61.0] 95 %, n 90, simulated");
  expect(of("Mean result")).toContain("n 12 of 30, too few, simulated");
  expect(of("Mean net return")).toContain("–");
  expect(of("Brier gain over base")).toContain("n 90 on 3 days, too few");
});

test("a record without figures says why", () => {
  render(<Record query={asked({ by: "all", groups: [], open: 5, left_out: 7 })} />);

  expect(screen.getByText(/7 resolved in sample are left out/)).toBeTruthy();
});
