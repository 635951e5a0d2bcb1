/** What a signal says, in words and in the figures of its instrument. */
import type { Shapes } from "@/api/queries";
import type { Signal, TrackSignal } from "@/features/signal/questions";
import { exact, number, signed } from "@/lib/format";

type Instrument = Pick<Shapes["InstrumentOut"], "asset_class" | "quote" | "decimals">;

const PIP = 0.0001;
const YEN_PIP = 0.01;
const BASIS = 10_000;
const FEW = ["None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];

/** How the prices of an instrument are written. */
export interface Money {
  decimals: number;
  pip: number | null;
}

export function moneyOf(one: Instrument | undefined): Money {
  const pip = one?.asset_class !== "fx" ? null : one.quote === "JPY" ? YEN_PIP : PIP;
  return { decimals: one?.decimals ?? 5, pip };
}

/** A change of the price: `+13.7 pip`, or in the price's own decimals where there is no pip. */
export function moveOf(change: number, { pip, decimals }: Money): string {
  return pip === null ? signed(change, decimals) : `${signed(change / pip, 1)} pip`;
}

/** A log return in basis points. */
export function basis(value: number): string {
  return `${number(value * BASIS, 1)} bp`;
}

/** A count as the first word of a sentence. */
export function counted(n: number): string {
  return FEW[n] ?? String(n);
}

/** What stands to be gained over what stands to be lost, after costs; null while it waits. */
export function rewardToRisk({ stop, target, price, cost_round_trip }: Signal): number | null {
  if (stop === null || target === null) return null;
  const cost = cost_round_trip * price;
  const risk = Math.abs(price - stop) + cost;
  return risk > 0 ? (Math.abs(target - price) - cost) / risk : null;
}

/** Whether the pool's interval is clear of what is usual: only then its side takes a colour. */
export function isClear({ low, high, base }: Signal): boolean {
  return low > base || high < base;
}

/** What kind of figure it is: `simulated, in sample`. */
export function kindOf(one: Pick<Signal, "in_sample" | "simulated">, kind?: string): string {
  const words = [one.simulated ? "simulated" : (kind ?? ""), one.in_sample ? "in sample" : ""];
  return words.filter(Boolean).join(", ");
}

/** `target, +1.62 R`, `withheld, +0.80 R missed`, `right side`; empty while it is open. */
export function outcomeOf({ trade, horizon, decision }: TrackSignal): string {
  if (trade) {
    const r = `${signed(trade.r_net)} R`;
    if (trade.hypothetical) return `withheld, ${r} ${trade.withheld ?? trade.end}`;
    return `${(trade.r_net ?? 0) > 0 ? "✓" : "✕"} ${r} ${trade.end}`;
  }
  if (!horizon) return "";
  const withheld = decision === "WAIT" ? "withheld, " : "";
  if (horizon.unknown) return `${withheld}no outcome: ${horizon.unknown}`;
  if (horizon.hit === null) return `${withheld}${horizon.outcome ?? "no outcome"}`;
  return `${withheld}${horizon.hit ? "✓ right" : "✕ wrong"} side`;
}

/** The exact values of a signal, a line each, for copying. */
export function copied(one: Signal): string {
  const lines: [string, string | number | null][] = [
    ["signal", one.id],
    ["series", `${one.symbol} ${one.timeframe}`],
    ["as_of", one.as_of],
    ["decision", one.decision],
    ["conviction", one.conviction],
    ["tier", one.tier],
    ["probability", one.probability],
    ["low", one.low],
    ["high", one.high],
    ["base", one.base],
    ["log_odds", one.log_odds],
    ["price", one.price],
    ["stop", one.stop],
    ["target", one.target],
    ["risk_fraction", one.risk_fraction],
    ["journal_entry", one.entry],
    ["in_sample", String(one.in_sample)],
    ["simulated", String(one.simulated)],
  ];
  return lines
    .map(([name, value]) => `${name}\t${typeof value === "number" ? exact(value) : (value ?? "")}`)
    .join("\n");
}
