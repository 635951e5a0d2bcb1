import { expect, test } from "vitest";

import {
  changeOf,
  convictionOf,
  groupsOf,
  type Place,
  staleOf,
  strongestFirst,
  summaryOf,
  timeframesOf,
} from "@/features/board/model";
import { place, signal } from "@/features/board/samples";

test("rows stand by kind of instrument, and columns by the length of their bars", () => {
  const places = [
    place({ symbol: "BTCUSDT", asset_class: "crypto", timeframe: "1d" }),
    place({ symbol: "EURUSD", timeframe: "4h" }),
    place({ symbol: "EURUSD", timeframe: "15m" }),
  ];

  const groups = groupsOf(places);

  expect(groups.map((group) => group.assetClass)).toEqual(["fx", "crypto"]);
  expect(timeframesOf(places)).toEqual(["15m", "4h", "1d"]);
});

test("the last price is of the bar that closed last", () => {
  const [group] = groupsOf([
    place({ timeframe: "1d", last_bar_at: "2021-12-31T22:00:00Z", last_price: 1.1 }),
    place({ timeframe: "1h", last_bar_at: "2022-01-03T12:00:00Z", last_price: 1.2 }),
  ]);

  expect(group?.rows[0]?.newest.last_price).toBe(1.2);
  expect(group?.rows[0]?.longest.timeframe).toBe("1d");
});

test("a pool without evidence shows no figure, whatever it scored", () => {
  const one = convictionOf(place({ signal: signal({ evidence: "NONE", conviction: 0 }) }));

  expect(one.missing).toBe("no evidence");
  expect(one.score).toBeNull();
});

test("a signal that is too old says how old, one of a closed market does not", () => {
  expect(convictionOf(place({ is_stale: true, age_seconds: 3900 })).stale).toBe("65 min");
  expect(convictionOf(place({ is_stale: false, age_seconds: 223_200 })).stale).toBeUndefined();
});

test("an unproven skill is said", () => {
  const one = convictionOf(place({ signal: signal({ evidence: "UNPROVEN" }) }));

  expect(one.isProven).toBe(false);
  expect(one.note).toBe("unproven");
});

test("a position leads a wait, and a stale one leads nothing", () => {
  const [group] = groupsOf([
    place({ timeframe: "1h", signal: signal({ tier: "MODERATE", conviction: 70 }) }),
    place({ timeframe: "4h", signal: signal({ decision: "LONG", tier: "LOW", conviction: 10 }) }),
    place({ timeframe: "1d", signal: signal({ decision: "SHORT" }), is_stale: true }),
  ]);

  expect(group?.rows[0]?.leading?.timeframe).toBe("4h");
});

test("on a phone the strongest stand first, those without a signal last", () => {
  const groups = groupsOf([
    place({ symbol: "A", signal: null }),
    place({ symbol: "B", signal: signal({ tier: "LOW", conviction: 50 }) }),
    place({ symbol: "C", signal: signal({ tier: "HIGH", conviction: 85 }) }),
  ]);

  expect(strongestFirst(groups).map((row) => row.symbol)).toEqual(["C", "B", "A"]);
});

test("the summary counts each place once", () => {
  const places: Place[] = [
    place({ signal: signal({ tier: "HIGH" }) }),
    place({ signal: signal({ tier: "HIGH" }), is_stale: true }),
    place({ signal: signal({ tier: "DIVERGENT" }) }),
    place({ signal: signal({ tier: "HIGH", evidence: "NONE" }) }),
    place({ signal: null }),
  ];

  expect(summaryOf(places)).toBe(
    "1 HIGH CONVICTION, 1 DIVERGENT, 1 STALE, 1 no evidence, 1 without a signal",
  );
});

test("the board is stale only where every signal is", () => {
  const old = place({ is_stale: true, age_seconds: 7200 });

  expect(staleOf([old])).toBe("2 h");
  expect(staleOf([old, place({})])).toBeUndefined();
  expect(staleOf([place({ signal: null })])).toBeUndefined();
});

test("a change needs a bar before", () => {
  expect(changeOf(place({ last_price: 1.01, previous_price: 1 }))).toBeCloseTo(0.01);
  expect(changeOf(place({ previous_price: null }))).toBeNull();
});
