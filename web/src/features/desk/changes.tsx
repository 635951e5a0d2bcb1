import { Link } from "@tanstack/react-router";

import type { Shapes } from "@/api/queries";
import { count } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { short, zoneLabel, zoneName } from "@/lib/time";
import { Arrow } from "@/ui/direction";
import { type Asked, Panel } from "@/ui/panel";
import { TIER_WORDS } from "@/ui/tier";

type Place = Shapes["PlaceOut"];
type Signal = Shapes["SignalLine"];

export interface Turn {
  place: Place;
  now: Signal;
  before: Signal;
  /** `LOW → HIGH CONVICTION`. */
  words: readonly string[];
}

const SHOWN = 8;
const wordOf = (one: Signal) =>
  one.evidence === "NONE" ? "no evidence" : (TIER_WORDS[one.tier ?? ""] ?? "no tier");

/** The signals that say something else than those before them, the newest first. */
export function turnsOf(places: readonly Place[]): Turn[] {
  const turns = places.flatMap((place): Turn[] => {
    const { signal: now, previous: before } = place;
    if (!now || !before) return [];
    const said: [string, string][] = [
      [wordOf(before), wordOf(now)],
      [before.decision, now.decision],
      [before.direction, now.direction],
    ];
    const isTurned = before.tier !== now.tier || before.decision !== now.decision;
    const isProven = wordOf(before) === wordOf(now);
    if (!isTurned && isProven) return [];
    const words = said.filter(([a, b]) => a !== b).map(([a, b]) => `${a} → ${b}`);
    return [{ place, now, before, words }];
  });
  return turns.sort((a, b) => b.now.as_of.localeCompare(a.now.as_of) || b.now.entry - a.now.entry);
}

/** What changed with the newest bar of each series. */
export function Changes({ query }: { query: Asked<Shapes["BoardOut"]> }) {
  const zone = zoneName(usePreferences().zone);
  const hasPrevious = query.data?.places.some((one) => one.previous !== null) ?? false;
  return (
    <Panel
      title="What changed"
      note="tier or decision, against the signal before"
      query={query}
      rows={3}
      isEmpty={(board) => turnsOf(board.places).length === 0}
      empty={
        hasPrevious
          ? "Nothing: each series says what it said on the bar before."
          : "No series has two signals yet; the next bar brings the second."
      }
      summary={(board) => {
        const many = turnsOf(board.places).length;
        return many > SHOWN ? `${SHOWN} of ${count(many)}` : count(many);
      }}
    >
      {(board) => (
        <ol>
          {turnsOf(board.places)
            .slice(0, SHOWN)
            .map((turn) => (
              <li key={turn.now.id} className="border-t border-hair first:border-t-0">
                <Link
                  to="/signal/$id"
                  params={{ id: turn.now.id }}
                  className="flex min-h-6 flex-wrap items-baseline gap-x-3 py-1 hover:bg-raised max-tablet:min-h-11"
                >
                  <time dateTime={turn.now.as_of} className="text-ink3">
                    {short(turn.now.as_of, zone)} {zoneLabel(turn.now.as_of, zone)}
                  </time>
                  <span className="w-24 font-semibold text-ink1">
                    {turn.place.symbol} {turn.place.timeframe}
                  </span>
                  <span className={turn.place.is_stale ? "text-ink3" : "text-ink1"}>
                    {turn.words.join(", ")}
                  </span>
                  <span className="ml-auto text-ink3">{leaning(turn.now)}</span>
                </Link>
              </li>
            ))}
        </ol>
      )}
    </Panel>
  );
}

function leaning(now: Signal) {
  if (now.evidence === "NONE" || now.conviction === null) return "–";
  const side = now.direction === "UP" ? 1 : now.direction === "DOWN" ? -1 : 0;
  return (
    <>
      <Arrow value={side} proven={now.evidence === "PROVEN"} />
      {count(now.conviction)}
      {now.evidence === "PROVEN" ? "" : ", not proven"}
    </>
  );
}
