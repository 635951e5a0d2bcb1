/** How numbers are written: the only place that turns one into words. */

export const MISSING = "–";
const MINUS = "−";
const THIN = "\u202f";

export type Maybe = number | null | undefined;

function isThere(value: Maybe): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

const formats = new Map<number, Intl.NumberFormat>();

/** The format of so many decimals; made once, for making one takes longer than using it. */
function formatOf(digits: number): Intl.NumberFormat {
  const known = formats.get(digits);
  if (known) return known;
  const format = new Intl.NumberFormat("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  formats.set(digits, format);
  return format;
}

function written(value: number, digits: number): string {
  const text = formatOf(digits).format(Math.abs(value));
  const isZero = !/[1-9]/.test(text);
  return value < 0 && !isZero ? MINUS + text : text;
}

/** A number with so many decimals; a missing one is a dash and never 0. */
export function number(value: Maybe, digits = 2): string {
  return isThere(value) ? written(value, digits) : MISSING;
}

/** A change: always with its sign. */
export function signed(value: Maybe, digits = 2): string {
  if (!isThere(value)) return MISSING;
  const text = written(value, digits);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** A share of 1 in percent. */
export function percent(value: Maybe, digits = 1): string {
  return isThere(value) ? `${written(value * 100, digits)}${THIN}%` : MISSING;
}

/** A relative change in percent, with its sign. */
export function signedPercent(value: Maybe, digits = 2): string {
  return isThere(value) ? `${signed(value * 100, digits)}${THIN}%` : MISSING;
}

/** A count. */
export function count(value: Maybe): string {
  return number(value, 0);
}

/** An interval in the unit of its figure: `[55.9, 63.8]`. */
export function interval(
  low: Maybe,
  high: Maybe,
  write: (value: number) => string = (value) => number(value),
): string {
  return isThere(low) && isThere(high) ? `[${write(low)}, ${write(high)}]` : "";
}

/** The decimals of an instrument's prices, read off its tick. */
export function decimalsOf(tick: string): number {
  const [, decimals = ""] = tick.split(".");
  return decimals.replace(/0+$/, "").length;
}

/** A price with the instrument's decimals. */
export function price(value: Maybe, decimals: number): string {
  return number(value, decimals);
}

/** The value as it is, for copying: never in powers of ten. */
export function exact(value: Maybe): string {
  if (!isThere(value)) return "";
  return value.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 20 });
}

/** Which way a change points, as a mark and as a word. */
export function direction(value: Maybe): { mark: "▲" | "▼" | ""; word: "up" | "down" | "none" } {
  if (!isThere(value) || value === 0) return { mark: "", word: "none" };
  return value > 0 ? { mark: "▲", word: "up" } : { mark: "▼", word: "down" };
}

/** A long hash, short: `9f3c…a71e`. */
export function hash(value: string | null | undefined): string {
  if (!value) return MISSING;
  return value.length > 12 ? `${value.slice(0, 4)}…${value.slice(-4)}` : value;
}
