/** The 24 hours around now as lanes: one a centre and a market, all on one axis. */
import type { Shapes } from "@/api/queries";
import { clock, day } from "@/lib/time";

export interface Span {
  /** Shares of the axis. */
  from: number;
  to: number;
  opens: string;
  closes: string;
}

export interface Lane {
  name: string;
  isOpen: boolean | null;
  /** `01:00⁺¹`. */
  local: string;
  spans: readonly Span[];
  holiday: string | null;
  sentence: string;
  nextOpen: string | null;
  nextClose: string | null;
  symbols: readonly string[];
}

type Sessions = Shapes["SessionsOut"];

const NAMES: Record<string, string> = { FX: "FX", METAL: "Metals", CRYPTO: "Crypto" };

/** `new_york` is New York; an exchange keeps its code. */
export function placeName(name: string): string {
  if (NAMES[name]) return NAMES[name];
  if (name !== name.toLowerCase()) return name;
  const words = name.replace(/_/g, " ");
  return words.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
}

/** What the clocks of a place show, and the day if it is another than that of UTC. */
export function localTime(at: string, zone: string): string {
  const here = new Date(at);
  const shift = day(here, zone) === day(here, "UTC") ? "" : isLater(here, zone) ? "⁺¹" : "⁻¹";
  return clock(here, zone) + shift;
}

function isLater(at: Date, zone: string): boolean {
  return clock(at, zone) < clock(at, "UTC");
}

export function lanesOf(sessions: Sessions): Lane[] {
  const [start, end] = [Date.parse(sessions.start), Date.parse(sessions.end)];
  const share = (at: string | number) =>
    Math.min(1, Math.max(0, (new Date(at).getTime() - start) / (end - start)));
  const span = (opens: string, closes: string): Span => ({
    from: share(opens),
    to: share(closes),
    opens,
    closes,
  });
  const seen = (one: Span) => one.to > one.from;
  const centres = sessions.centres.map((one): Lane => {
    const spans = one.spans.map((hours) => span(hours.opens, hours.closes)).filter(seen);
    const current = spans.find(
      (hours) => hours.opens <= iso(sessions.at) && iso(sessions.at) < hours.closes,
    );
    const next = spans.find((hours) => hours.opens > iso(sessions.at));
    return {
      name: placeName(one.name),
      isOpen: one.is_open,
      local: localTime(sessions.at, one.zone),
      spans,
      holiday: null,
      sentence: one.is_open ? "usual desk hours" : "outside its usual desk hours",
      nextOpen: one.is_open ? null : (next?.opens ?? null),
      nextClose: one.is_open ? (current?.closes ?? null) : null,
      symbols: [],
    };
  });
  const markets = sessions.markets.map((one): Lane => ({
    name: placeName(one.calendar),
    isOpen: one.is_open,
    local: localTime(sessions.at, one.zone),
    spans: one.sessions
      .flatMap((each) =>
        each.break_start && each.break_end
          ? [span(each.opens, each.break_start), span(each.break_end, each.closes)]
          : [span(each.opens, each.closes)],
      )
      .filter(seen),
    holiday: one.holiday,
    sentence: one.sentence,
    nextOpen: one.next_open,
    nextClose: one.next_close,
    symbols: one.symbols,
  }));
  return [...centres, ...markets];
}

/** Times of the service compare as text once they are written alike. */
function iso(at: string): string {
  return at.replace(/\.\d+/, "");
}

/** `London and New York overlap`, by the usual desk hours of the centres. */
export function overlapOf(sessions: Sessions): string {
  const open = sessions.centres.filter((one) => one.is_open).map((one) => placeName(one.name));
  if (open.length > 1) return `${open.slice(0, -1).join(", ")} and ${open.at(-1)} overlap`;
  if (open.length === 1) return `${open[0]} open`;
  return sessions.centres.length > 0 ? "no centre at its desks" : "";
}

/** The full hours of the axis that carry a label, six apart. */
export function hoursOf(sessions: Sessions): { at: number; label: string }[] {
  const SIX = 6 * 3_600_000;
  const [start, end] = [Date.parse(sessions.start), Date.parse(sessions.end)];
  const found = [];
  for (let at = Math.ceil(start / SIX) * SIX; at <= end; at += SIX) {
    const share = (at - start) / (end - start);
    const isEnd = at === end && clock(new Date(at)) === "00:00";
    found.push({ at: share, label: isEnd ? "24" : clock(new Date(at)).slice(0, 2) });
  }
  return found;
}
