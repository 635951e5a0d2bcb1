/** How times are written: with their zone, always; and how old something is. */

export type Zone = "utc" | "local" | "exchange";

export const ZONES: readonly Zone[] = ["utc", "local", "exchange"];

/** The IANA name of a choice; an exchange's own where a page has one. */
export function zoneName(zone: Zone, exchange?: string | null): string {
  if (zone === "utc") return "UTC";
  if (zone === "exchange" && exchange) return exchange;
  return zone === "exchange" ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The format of a zone; made once, for making one takes longer than using it. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    weekday: "short",
    day: "2-digit",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
  formats.set(timeZone, format);
  return format;
}

function parts(at: Date, timeZone: string): Record<string, string> {
  return Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map((part) => [part.type, part.value]),
  );
}

/** `Wed 14 Dec 2022 14:00:12 UTC`. */
export function full(at: string | Date, timeZone = "UTC"): string {
  const p = parts(new Date(at), timeZone);
  return `${p.weekday} ${p.day} ${p.month} ${p.year} ${p.hour}:${p.minute}:${p.second} ${p.timeZoneName}`;
}

/** `14 Dec 2022 14:00`; the zone stands in the head of the column or beside it. */
export function short(at: string | Date | null | undefined, timeZone = "UTC"): string {
  if (!at) return "–";
  const p = parts(new Date(at), timeZone);
  return `${p.day} ${p.month} ${p.year} ${p.hour}:${p.minute}`;
}

/** `14:00`. */
export function clock(at: string | Date, timeZone = "UTC", seconds = false): string {
  const p = parts(new Date(at), timeZone);
  return seconds ? `${p.hour}:${p.minute}:${p.second}` : `${p.hour}:${p.minute}`;
}

/** `14 Dec`. */
export function day(at: string | Date, timeZone = "UTC"): string {
  const p = parts(new Date(at), timeZone);
  return `${p.day} ${p.month}`;
}

/** What a zone is called at a time: `UTC`, `EST`. */
export function zoneLabel(at: string | Date, timeZone: string): string {
  return parts(new Date(at), timeZone).timeZoneName ?? timeZone;
}

/** `12 s`, `65 min`, `17 h`, `9 d`. */
export function age(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const s = Math.max(0, seconds);
  if (s < 100) return `${Math.round(s)} s`;
  if (s < 6000) return `${Math.round(s / 60)} min`;
  if (s < 172_800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86_400)} d`;
}

/** How long until a time, or since it. */
export function until(at: string | Date, now: Date): string {
  const seconds = (new Date(at).getTime() - now.getTime()) / 1000;
  if (seconds < 0) return `${age(-seconds)} ago`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return hours > 0 ? `${hours} h ${minutes} min` : `${Math.max(1, minutes)} min`;
}
