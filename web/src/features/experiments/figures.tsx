import type { Estimate } from "@/features/experiments/questions";
import { type Maybe, number, percent, signed, signedPercent } from "@/lib/format";
import { Figure } from "@/ui/figure";
import { Strip } from "@/ui/strip";

const METRICS: Record<string, string> = {
  net_sharpe: "Net Sharpe",
  net_return: "Net return",
  log_loss_gain: "Log-loss gain",
  information_coefficient: "Information coefficient",
};

/** What a family is compared by, in words. */
export function metricWord(name: string): string {
  return METRICS[name] ?? name.replaceAll("_", " ");
}

/** How the numbers of a metric are written. */
export function writeMetric(name: string): (value: Maybe) => string {
  if (name === "net_return") return (value) => signedPercent(value);
  if (name === "log_loss_gain") return (value) => signed(value, 5);
  if (name === "information_coefficient") return (value) => signed(value, 3);
  if (name === "drawdown") return (value) => percent(value, 2);
  return name === "net_sharpe" ? (value) => signed(value) : (value) => number(value);
}

/** What a figure was measured on. */
export function kindOf(one: { basis: string; simulated: boolean | null }): string {
  return `${one.basis.replaceAll("_", " ")}${one.simulated ? ", simulated" : ""}`;
}

/** One figure of a run with its doubt. */
export function Told({ one }: { one: Estimate }) {
  return (
    <Figure
      estimate={one}
      write={writeMetric(one.name)}
      kind={kindOf(one)}
      reason="nothing to estimate"
      {...(one.name === "drawdown" ? {} : { against: 0 })}
    />
  );
}

/** Its interval on an axis shared with others, zero marked. */
export function Drawn({ one, range }: { one: Estimate; range: readonly [number, number] }) {
  if (one.value === null || one.few) return <>–</>;
  return <Strip {...one} threshold={0} range={range} label={`${one.title} against zero`} />;
}

/** Ends of an axis that holds every interval and zero. */
export function rangeOf(
  rows: readonly (Pick<Estimate, "value" | "low" | "high"> | null)[],
): [number, number] {
  const ends = rows.flatMap((one) =>
    one ? [one.value, one.low, one.high].filter((value) => value !== null) : [],
  );
  return ends.length > 0 ? [Math.min(0, ...ends), Math.max(0, ...ends)] : [-1, 1];
}

const VERDICTS: Record<string, string> = {
  FAIL: "✕ FAIL",
  INSUFFICIENT: "◦ INSUFFICIENT",
  PAPER: "✓ PAPER",
  PILOT: "✓ PILOT",
  LIVE: "✓ LIVE",
};

/** What the gate said last, as a mark and a word; a dash where it said nothing. */
export function verdictWord(verdict: string | null): string {
  return verdict === null ? "– not judged" : (VERDICTS[verdict] ?? verdict);
}
