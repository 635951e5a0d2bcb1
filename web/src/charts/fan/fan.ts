/** A forecast as a fan: quantiles of the price where its horizon ends. */

export interface Fan {
  /** The close of the bar it was made on, in seconds. */
  from: number;
  /** The close at which it was made. */
  price: number;
  /** How many bars ahead it ends. */
  bars: number;
  quantiles: readonly { p: number; price: number }[];
}

export interface Band {
  share: number;
  low: number;
  high: number;
}

const NEAR = 1e-9;

/** The price below which it ends with probability `p`, if that quantile was told. */
export function quantile(fan: Fan, p: number): number | null {
  return fan.quantiles.find((one) => Math.abs(one.p - p) < NEAR)?.price ?? null;
}

/** The middle `share` of the forecast; null where its ends were not told: none is made up. */
export function band(fan: Fan, share: number): Band | null {
  const low = quantile(fan, (1 - share) / 2);
  const high = quantile(fan, (1 + share) / 2);
  return low === null || high === null ? null : { share, low, high };
}

/**
 * Where a line to `end` stands a part of the way: spread grows with the root of time.
 * Only the end is forecast; what lies between is drawn, not told.
 */
export function onTheWay(fan: Fan, end: number, part: number): number {
  return fan.price + (end - fan.price) * Math.sqrt(Math.min(1, Math.max(0, part)));
}

/** The lowest and highest price of the fan. */
export function reach(fan: Fan): { low: number; high: number } | null {
  const wide = band(fan, 0.9) ?? band(fan, 0.5);
  return wide && { low: Math.min(wide.low, fan.price), high: Math.max(wide.high, fan.price) };
}
