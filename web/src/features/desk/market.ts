/** What time it is for the market on the Desk, and which symbols are not traded now. */
import type { Shapes } from "@/api/queries";
import { clock } from "@/lib/time";

/** A simulated market's own newest time; undefined where the clock is the market's. */
export function marketTime(
  board: Shapes["BoardOut"] | undefined,
  isSimulated: boolean,
): string | undefined {
  if (!isSimulated || !board) return undefined;
  return board.places
    .map((one) => one.last_bar_at)
    .sort()
    .at(-1);
}

/** Why a symbol is not traded now: `opens 14:30 UTC`, or the name of the holiday. */
export function closedSymbols(
  sessions: Shapes["SessionsOut"] | undefined,
  zone: string,
): ReadonlyMap<string, string> {
  const closed = new Map<string, string>();
  for (const market of sessions?.markets ?? []) {
    if (market.is_open !== false) continue;
    const opens = market.next_open ? opening(market.next_open, sessions?.at ?? "", zone) : "";
    const words = [market.holiday, opens].filter(Boolean).join(", ") || "now";
    for (const symbol of market.symbols) closed.set(symbol, words);
  }
  return closed;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** `opens 14:30 UTC`, with the day if it is not the next 24 hours. */
export function opening(at: string, now: string, zone: string): string {
  const isFar = Date.parse(at) - Date.parse(now) > 24 * 3_600_000;
  const weekday = isFar ? `${WEEKDAYS[new Date(at).getUTCDay()]} ` : "";
  return `opens ${weekday}${clock(at, zone)} ${zone === "UTC" ? "UTC" : ""}`.trim();
}
