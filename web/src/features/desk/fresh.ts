/** How old the stored bars are, by kind of instrument, with their sources. */
import type { Shapes } from "@/api/queries";
import { classRank, classWord } from "@/lib/classes";
import { age } from "@/lib/time";

type Place = Shapes["PlaceOut"];
type Quality = Shapes["SeriesQuality"];

export interface Line {
  name: string;
  source: string;
  last: string;
  seconds: number;
  gaps: number | null;
  /** The lowest share of the expected bars that is there. */
  coverage: number | null;
  isClosed: boolean;
  /** How old, where the service says that it is too old. */
  stale: string | null;
}

const MOST_BEHIND = 5;

export function freshnessOf(
  board: Shapes["BoardOut"],
  qualities: readonly Quality[],
  closed: ReadonlyMap<string, string>,
  at: string | undefined,
): { lines: Line[]; more: number } {
  const known = new Map(qualities.map((one) => [`${one.symbol} ${one.timeframe}`, one]));
  const qualityOf = (place: Place) => known.get(`${place.symbol} ${place.timeframe}`);
  const now = (place: Place) => Date.parse(place.simulated && at ? at : board.at);
  const groups = new Map<string, Place[]>();
  for (const place of board.places) {
    groups.set(place.asset_class, [...(groups.get(place.asset_class) ?? []), place]);
  }
  const lines = [...groups].map(([assetClass, places]): Line => {
    const last = places.map((one) => one.last_bar_at).reduce((a, b) => (a > b ? a : b));
    const found = places.map(qualityOf).filter((one) => one !== undefined);
    const symbols = new Set(places.map((one) => one.symbol));
    return {
      name: `${classWord(assetClass)}, ${symbols.size}`,
      source: [...new Set(found.map((one) => one.source))].join(", "),
      last,
      seconds: (now(places[0] as Place) - Date.parse(last)) / 1000,
      gaps: found.length ? found.reduce((sum, one) => sum + one.gaps, 0) : null,
      coverage: lowest(found),
      isClosed: [...symbols].every((symbol) => closed.has(symbol)),
      stale: null,
    };
  });
  lines.sort((a, b) => rankOf(a) - rankOf(b));
  const behind = board.places
    .filter((one) => one.is_stale)
    .map((place): Line => {
      const quality = qualityOf(place);
      return {
        name: `${place.symbol} ${place.timeframe}`,
        source: "",
        last: place.last_bar_at,
        seconds: (now(place) - Date.parse(place.last_bar_at)) / 1000,
        gaps: quality?.gaps ?? null,
        coverage: quality?.coverage ?? null,
        isClosed: false,
        stale: age(place.age_seconds),
      };
    });
  return {
    lines: [...lines, ...behind.slice(0, MOST_BEHIND)],
    more: Math.max(0, behind.length - MOST_BEHIND),
  };
}

function lowest(found: readonly Quality[]): number | null {
  const shares = found.map((one) => one.coverage).filter((one) => one !== null);
  return shares.length ? Math.min(...shares) : null;
}

const NAMES = ["fx", "metal", "crypto", "equity", "index"];

function rankOf(line: Line): number {
  return classRank(NAMES.find((one) => line.name.startsWith(`${classWord(one)},`)) ?? "");
}
