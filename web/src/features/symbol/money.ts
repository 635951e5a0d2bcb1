/** Prices and pips as this instrument counts them. */
import type { Shapes } from "@/api/queries";
import { number, price, signed, signedPercent } from "@/lib/format";

type Instrument = Pick<Shapes["InstrumentOut"], "asset_class" | "quote">;
const PIP = 0.0001;
const YEN_PIP = 0.01;

/** What a pip is; null where none is spoken of. */
export function pipOf(one: Instrument | undefined): number | null {
  if (one?.asset_class !== "fx") return null;
  return one.quote === "JPY" ? YEN_PIP : PIP;
}

/** A change of the price: `+13.7 pip`, or in the price's own decimals where there is no pip. */
export function moveOf(change: number, pip: number | null, decimals: number): string {
  return pip === null ? signed(change, decimals) : `${signed(change / pip, 1)} pip`;
}

/** A size of a move, without a side. */
export function sizeOf(size: number, pip: number | null, decimals: number): string {
  return pip === null ? number(size, decimals) : `${number(size / pip, 1)} pip`;
}

export function shareOf(from: number, to: number): string {
  return from === 0 ? "–" : signedPercent(to / from - 1);
}

/** A price whose last digit, a tenth of a pip, is written smaller. */
export function inParts(value: number, decimals: number, pip: number | null): [string, string] {
  const text = price(value, decimals);
  const hasTenth = pip !== null && 10 ** -decimals < pip * 0.99;
  return hasTenth ? [text.slice(0, -1), text.slice(-1)] : [text, ""];
}
