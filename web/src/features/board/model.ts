/** The board as rows: one a symbol, a place a timeframe, by kind of instrument. */
import type { Shapes } from "@/api/queries";
import { classRank } from "@/lib/classes";
import { count, interval, number, percent } from "@/lib/format";
import { age } from "@/lib/time";
import type { Conviction } from "@/ui/cell";

export type Place = Shapes["PlaceOut"];
export type Signal = Shapes["SignalLine"];

/** The keys 1 to 8, in this order. */
export const TIMEFRAMES = ["1m", "5m", "10m", "15m", "30m", "1h", "4h", "1d"] as const;

export interface Row {
  symbol: string;
  assetClass: string;
  decimals: number;
  /** By timeframe. */
  places: ReadonlyMap<string, Place>;
  /** The series whose bar closed last; of the shortest bars where several did. */
  newest: Place;
  /** The series of the longest bars: its last change is shown. */
  longest: Place;
  /** The signal that says most: a position before a wait, then by tier and score. */
  leading: Place | null;
}

export interface Group {
  assetClass: string;
  rows: readonly Row[];
}

const rankOf = (timeframe: string) => TIMEFRAMES.indexOf(timeframe as "1h");

/** The timeframes that are stored, shortest first. */
export function timeframesOf(places: readonly Place[]): string[] {
  return [...new Set(places.map((one) => one.timeframe))].sort((a, b) => rankOf(a) - rankOf(b));
}

/** Rows by kind of instrument, in the order of the service within. */
export function groupsOf(places: readonly Place[]): Group[] {
  const bySymbol = new Map<string, Place[]>();
  for (const one of places) {
    bySymbol.set(one.symbol, [...(bySymbol.get(one.symbol) ?? []), one]);
  }
  const rows = [...bySymbol.values()].map(rowOf);
  const classes = [...new Set(rows.map((row) => row.assetClass))];
  classes.sort((a, b) => classRank(a) - classRank(b));
  return classes.map((assetClass) => ({
    assetClass,
    rows: rows.filter((row) => row.assetClass === assetClass),
  }));
}

function rowOf(unordered: readonly Place[]): Row {
  const places = [...unordered].sort((a, b) => rankOf(a.timeframe) - rankOf(b.timeframe));
  const first = places[0] as Place;
  const newest = places.reduce((best, one) => (one.last_bar_at > best.last_bar_at ? one : best));
  const speaking = places.filter((one) => one.signal !== null).sort(stronger);
  return {
    symbol: first.symbol,
    assetClass: first.asset_class,
    decimals: first.decimals,
    places: new Map(places.map((one) => [one.timeframe, one])),
    newest,
    longest: places.at(-1) ?? first,
    leading: speaking[0] ?? null,
  };
}

const TIERS: readonly (string | null)[] = ["HIGH", "MODERATE", "DIVERGENT", "LOW", null];

/** Says which of two signals says more, as a sort wants it. */
function stronger(a: Place, b: Place): number {
  const weigh = ({ signal, is_stale }: Place): number[] =>
    signal === null
      ? [3, 9, 0]
      : [
          is_stale ? 2 : signal.decision === "WAIT" ? 1 : 0,
          signal.evidence === "NONE" ? TIERS.length : TIERS.indexOf(signal.tier),
          -(signal.conviction ?? 0),
        ];
  const [left, right] = [weigh(a), weigh(b)];
  const at = left.findIndex((value, n) => value !== right[n]);
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

/** The rows with the strongest first, for a phone. */
export function strongestFirst(groups: readonly Group[]): Row[] {
  const rows = groups.flatMap((group) => group.rows);
  return rows.sort((a, b) => {
    if (a.leading === null || b.leading === null) return Number(!a.leading) - Number(!b.leading);
    return stronger(a.leading, b.leading);
  });
}

/** What a cell shows of a place; of none, that its bars are not stored. */
export function convictionOf(place: Place | undefined): Conviction {
  const nothing = { tier: null, side: "NONE", score: null, n: null } as const;
  if (!place) return { ...nothing, missing: "not stored" };
  const { signal } = place;
  if (!signal) return { ...nothing, missing: "no signal" };
  const stale = place.is_stale ? age(place.age_seconds) : undefined;
  if (signal.evidence === "NONE" || signal.conviction === null) {
    return { ...nothing, missing: stale ? `STALE ${stale}` : "no evidence" };
  }
  return {
    tier: signal.tier,
    side: signal.direction,
    score: signal.conviction,
    n: null,
    ...(signal.evidence === "PROVEN" || stale ? {} : { note: signal.evidence.toLowerCase() }),
    isProven: signal.evidence === "PROVEN",
    stale,
  };
}

/** The probability in words, for a title: what no cell has the room for. */
export function probabilityOf(signal: Signal): string {
  const range = interval(signal.low * 100, signal.high * 100, (value) => number(value, 1));
  return `probability of a rise, if it moves, ${percent(signal.probability)} ${range} 90 %`;
}

/** How many places stand where: `2 HIGH CONVICTION, 7 DIVERGENT, 3 STALE`. */
export function summaryOf(places: readonly Place[]): string {
  const current = places.filter((one) => one.signal !== null && !one.is_stale);
  const spoken = current.filter((one) => one.signal?.evidence !== "NONE");
  const tier = (name: string) => spoken.filter((one) => one.signal?.tier === name).length;
  const parts: [number, string][] = [
    [tier("HIGH"), "HIGH CONVICTION"],
    [tier("MODERATE"), "MODERATE"],
    [tier("DIVERGENT"), "DIVERGENT"],
    [places.filter((one) => one.is_stale).length, "STALE"],
    [current.length - spoken.length, "no evidence"],
    [places.filter((one) => one.signal === null).length, "without a signal"],
  ];
  const always = "HIGH CONVICTION";
  return parts
    .filter(([many, word]) => many > 0 || word === always)
    .map(([many, word]) => `${count(many)} ${word}`)
    .join(", ");
}

/** How the price moved in the last of the longest bars, as a share. */
export function changeOf(place: Place): number | null {
  if (place.previous_price === null || place.previous_price <= 0) return null;
  return place.last_price / place.previous_price - 1;
}

/** How old the newest signal is where every one is too old; undefined where one is current. */
export function staleOf(places: readonly Place[]): string | undefined {
  const said = places.filter((one) => one.signal !== null);
  if (said.length === 0 || said.some((one) => !one.is_stale)) return undefined;
  return age(Math.min(...said.map((one) => one.age_seconds ?? 0)));
}
