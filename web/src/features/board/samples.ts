/** Places and signals for tests; never part of a page. */
import type { Place, Signal } from "@/features/board/model";

export function signal(changes: Partial<Signal> = {}): Signal {
  return {
    id: "sig-1",
    symbol: "EURUSD",
    timeframe: "1h",
    as_of: "2022-01-03T12:00:00Z",
    made_at: "2022-01-03T12:00:01Z",
    entry: 1,
    decision: "WAIT",
    conviction: 71.4,
    tier: "MODERATE",
    evidence: "PROVEN",
    direction: "UP",
    probability: 0.53,
    low: 0.5,
    high: 0.56,
    agreement: 60,
    horizon_bars: 4,
    price: 1.0976,
    stop: null,
    target: null,
    risk_fraction: 0,
    reasons: ["under_cost"],
    in_sample: false,
    simulated: true,
    ...changes,
  };
}

export function place(changes: Partial<Place> = {}): Place {
  return {
    symbol: "EURUSD",
    timeframe: "1h",
    asset_class: "fx",
    decimals: 5,
    simulated: true,
    signal: signal(),
    previous: null,
    last_bar_at: "2022-01-03T12:00:00Z",
    last_price: 1.0976,
    previous_price: 1.0971,
    age_seconds: 0,
    bars_behind: 0,
    is_stale: false,
    ...changes,
  };
}
