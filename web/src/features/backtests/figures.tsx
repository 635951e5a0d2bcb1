import type { Estimate } from "@/features/backtests/questions";
import { type Maybe, number, percent, signed, signedPercent } from "@/lib/format";
import { Figure } from "@/ui/figure";

/** Figures that are a gain or a loss: they carry a sign, and are held against zero. */
const GAINS = new Set([
  "total_return",
  "annual_return",
  "sharpe",
  "sortino",
  "calmar",
  "mean_return",
  "accuracy",
]);
/** Small ones, told with more digits. */
const SMALL = new Set(["mean_return", "expected_shortfall"]);

/** How the numbers of a figure are written. */
export function writerOf(one: Estimate): (value: Maybe) => string {
  const isGain = GAINS.has(one.name);
  if (one.unit !== "share") return isGain ? (value) => signed(value) : (value) => number(value);
  const digits = SMALL.has(one.name) ? 3 : 2;
  return isGain ? (value) => signedPercent(value, digits) : (value) => percent(value, digits);
}

/** What a figure was measured on: `out of sample, simulated`. */
export function kindOf(one: { basis: string; simulated: boolean | null }): string {
  return [
    one.basis.replaceAll("_", " "),
    one.simulated ? "simulated" : one.simulated === null ? "market not known" : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** One figure of a report with its doubt; `few` is what the service calls too few. */
export function Told({ one, size }: { one: Estimate; size?: "body" | "headline" }) {
  return (
    <Figure
      estimate={one}
      write={writerOf(one)}
      kind={kindOf(one)}
      size={size ?? "body"}
      reason="nothing to estimate"
      {...(GAINS.has(one.name) && one.name !== "accuracy" ? { against: 0 } : {})}
    />
  );
}
