/** Answers of the service for the tests of this folder; each test says what it changes. */
import type { Event, Signal, Story, TrackSignal } from "@/features/symbol/data";
import type { Page } from "@/features/symbol/joined";

const HOUR = 3600;
export const START = Date.parse("2022-01-03T00:00:00Z") / 1000;
export const hour = (n: number): number => START + n * HOUR;
export const iso = (time: number): string => new Date(time * 1000).toISOString();

/** Bars that close at the hours `first` to `last`, each a little higher. */
export function page(first: number, last: number, changes: Partial<Page> = {}): Page {
  const time = Array.from({ length: last - first + 1 }, (_, n) => hour(first + n));
  const column = (by: number) => time.map((_, n) => 1.1 + (first + n) / 1000 + by);
  return {
    symbol: "EURUSD",
    timeframe: "1h",
    decimals: 5,
    source: "simulated:7",
    simulated: true,
    as_of: null,
    earlier: null,
    time,
    open: column(0),
    high: column(0.002),
    low: column(-0.002),
    close: column(0.001),
    volume: column(0),
    gaps: [],
    flaws: [],
    ...changes,
  };
}

export function tracked(at: number, changes: Partial<TrackSignal> = {}): TrackSignal {
  return {
    id: `sig-${at}`,
    symbol: "EURUSD",
    timeframe: "1h",
    as_of: iso(hour(at)),
    made_at: iso(hour(at)),
    kind: "simulated",
    in_sample: false,
    simulated: true,
    decision: "LONG",
    direction: "UP",
    probability: 0.6,
    conviction: 82,
    tier: "HIGH",
    evidence: "PROVEN",
    open: false,
    why_open: null,
    why_open_sentence: null,
    horizon: {
      due: iso(hour(at + 4)),
      recorded_at: iso(hour(at + 4)),
      revision: 1,
      entry: 1,
      outcome: "up",
      hit: true,
      log_return: 0.001,
      scaled: 0.5,
      unknown: null,
      gaps: 0,
    },
    trade: {
      due: iso(hour(at + 3)),
      recorded_at: iso(hour(at + 4)),
      revision: 1,
      entry: 2,
      side: 1,
      hypothetical: false,
      withheld: null,
      end: "target",
      bars: 3,
      entry_price: 1.1,
      exit_price: 1.105,
      r_gross: 1.65,
      r_net: 1.62,
      gross: 0.004,
      net: 0.0039,
      ambiguous: false,
      gapped: false,
    },
    ...changes,
  };
}

export function story(at: number, changes: Partial<Story> = {}): Story {
  return {
    id: `story-${at}`,
    event_at: iso(at - 60),
    seen_at: iso(at),
    assumed: false,
    source: "Wire",
    text: "Euro steady",
    summary: "",
    url: "",
    instruments: ["EURUSD"],
    suspect: "",
    score: 0.4,
    novelty: 1,
    scorer: "rules",
    simulated: true,
    ...changes,
  };
}

export function event(at: number, changes: Partial<Event> = {}): Event {
  return {
    series: "us_cpi",
    currency: "USD",
    title: "Consumer prices",
    impact: "",
    event_at: iso(at),
    seen_at: iso(at),
    consensus: 7.3,
    previous: null,
    actual: 7.1,
    simulated: true,
    ...changes,
  };
}

export function member(
  changes: Partial<Signal["members"][number]> = {},
): Signal["members"][number] {
  return {
    member: "ridge",
    family: "linear",
    timeframe: "1h",
    artefact: "a",
    probability: 0.6,
    evidence: 0.2,
    weight: 0.5,
    part: 0.149,
    skill: 0.0012,
    skill_error: 0.0004,
    reason: null,
    made_at: iso(hour(10)),
    classes: null,
    quantiles: { "0.05": -1.6, "0.5": 0, "0.95": 1.6 },
    volatility: 0.01,
    drivers: [],
    withheld: null,
    ...changes,
  };
}

export function signal(changes: Partial<Signal> = {}): Signal {
  return {
    id: "sig-7f2a00c41d",
    symbol: "EURUSD",
    timeframe: "1h",
    as_of: iso(hour(10)),
    made_at: iso(hour(10)),
    entry: 9,
    horizon_bars: 4,
    decision: "LONG",
    conviction: 82.4,
    tier: "HIGH",
    evidence: "PROVEN",
    direction: "UP",
    probability: 0.599,
    low: 0.559,
    high: 0.638,
    base: 0.5,
    log_odds: 0.401,
    agreement: 71,
    agreement_by_timeframe: {},
    effective_members: 2.3,
    expected_move: 0.1,
    volatility: 0.01,
    price: 1.1,
    stop: 1.096,
    target: 1.106,
    stop_atr: 2,
    target_atr: 3,
    atr: 0.002,
    risk_fraction: 0.004,
    cost_round_trip: 0.0001,
    reasons: [],
    notes: [],
    view: {
      p_up: 0.55,
      abstained: null,
      regime: "trend",
      evidence: [],
      counter_evidence: [],
      provider: "rules",
      brief: "b",
      entry: 7,
      digest: "d",
    },
    verdict: {
      kind: "CHALLENGE",
      size_cap: 0.5,
      checks: [],
      objection: "A rate decision falls inside the horizon",
      challenge: "event_risk",
      p_up_after: null,
      provider: "rules",
      sealed: "d",
    },
    members: [
      member(),
      member({
        member: "naive",
        family: "climatology",
        weight: 0,
        part: 0,
        reason: { code: "not_promoted", sentence: "This member has not passed the gate." },
      }),
    ],
    fusion: {
      artefact: "f",
      proven: true,
      p_value: 0.01,
      level: 0.05,
      gain_nats: 0.001,
      gain_error: 0.0003,
      proof_days: 200,
      outcomes: 412,
      moderate: 60,
      high: 80,
    },
    data: { bars: 100, first: iso(hour(0)), last: iso(hour(10)), fingerprint: "x" },
    in_sample: false,
    simulated: true,
    ...changes,
  };
}
