/** Which member's fan is drawn: the pool itself tells none. */
import type { Shapes, Timeframe } from "@/api/queries";
import type { Fan } from "@/charts/fan/fan";
import type { Signal } from "@/features/symbol/data";
import { seconds } from "@/features/symbol/joined";

export interface Foretold {
  member: string;
  family: string;
  weight: number;
  until: string | null;
  fan: Fan;
}

/** The fans of the members that look at these bars, as they were kept with the newest signal. */
export function fansOf(found: Shapes["ForecastsOut"] | null | undefined): Foretold[] {
  if (!found) return [];
  return found.members.flatMap((one) => {
    const isHere = one.timeframe === found.timeframe && one.made_at === found.as_of;
    if (!isHere || one.price === null || one.fan.length === 0) return [];
    const { member, family, weight, until, price, fan, horizon_bars } = one;
    const drawn = { from: seconds(found.as_of), price, bars: horizon_bars, quantiles: fan };
    return [{ member, family, weight, until, fan: drawn }];
  });
}

/**
 * The same of a signal of any time: a quantile is a log return in volatilities over the horizon,
 * so the price there is price x exp(quantile x volatility), as the service counts it.
 */
export function fansOfSignal(signal: Signal | undefined, timeframe: Timeframe): Foretold[] {
  if (!signal) return [];
  return signal.members.flatMap((one) => {
    const { quantiles, volatility, member, family, weight } = one;
    const isHere = one.timeframe === timeframe && one.made_at === signal.as_of;
    if (!isHere || !quantiles || volatility === null) return [];
    const told = Object.entries(quantiles)
      .map(([p, scaled]) => ({ p: Number(p), price: signal.price * Math.exp(scaled * volatility) }))
      .sort((a, b) => a.p - b.p);
    const from = seconds(signal.as_of);
    const fan = { from, price: signal.price, bars: signal.horizon_bars, quantiles: told };
    return [{ member, family, weight, until: null, fan }];
  });
}

/** The one that weighs most in the pool; climatology, the plain one, where none weighs anything. */
export function heaviest(fans: readonly Foretold[]): Foretold | null {
  const best = fans.reduce<Foretold | null>(
    (most, one) => (one.weight > (most?.weight ?? 0) ? one : most),
    null,
  );
  return best ?? fans.find((one) => one.family === "climatology") ?? fans[0] ?? null;
}
