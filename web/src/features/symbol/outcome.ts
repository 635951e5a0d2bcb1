/** What came of a signal, in a few words. */
import type { TrackSignal } from "@/features/symbol/data";
import { signed } from "@/lib/format";

/** `✓ +1.62 R target`, `✕ −1.03 R stop`, `withheld, +0.80 R missed`; empty while it is open. */
export function outcomeOf(one: TrackSignal): string {
  const { trade, horizon } = one;
  if (trade) {
    const r = `${signed(trade.r_net)} R`;
    if (trade.hypothetical) return `withheld, ${r} ${trade.withheld ?? trade.end}`;
    return `${(trade.r_net ?? 0) > 0 ? "✓" : "✕"} ${r} ${trade.end}`;
  }
  const withheld = one.decision === "WAIT" ? "withheld, " : "";
  if (!horizon) return "";
  if (horizon.unknown) return `${withheld}no outcome: ${horizon.unknown}`;
  if (horizon.hit === null) return `${withheld}${horizon.outcome ?? "no outcome"}`;
  return `${withheld}${horizon.hit ? "✓ right" : "✕ wrong"} side`;
}

/** Whether it stands on the chart: what was decided, and what was withheld though it was strong. */
export function isMarked(one: TrackSignal): boolean {
  const isStrong = one.tier === "HIGH" || one.tier === "MODERATE" || one.tier === "DIVERGENT";
  return one.direction !== "NONE" && (one.decision !== "WAIT" || isStrong);
}
