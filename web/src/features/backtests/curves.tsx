import { Equity } from "@/charts/equity";
import { endsOf } from "@/charts/equity-axis";
import type { Pane } from "@/charts/equity-pane";
import type { Backtest } from "@/features/backtests/questions";

const LOOKS: Record<string, "dashed" | "dotted"> = { "buy and hold": "dashed" };
const OWN = "chain";

type Values = readonly (number | null)[];

const gained = (values: Values) => values.map((value) => (value === null ? null : value - 1));
const spanOf = (values: Values) => {
  const [low, high] = endsOf(values);
  return high - low;
};

/** The panes of a report: all curves, the chain close up where it is lost among them, its falls. */
export function panesOf(equity: Backtest["equity"]): Pane[] {
  const lines = equity.curves.map((curve) => ({
    name: curve.of,
    values: gained(curve.values),
    look: curve.of === OWN ? ("own" as const) : (LOOKS[curve.of] ?? ("dotted" as const)),
  }));
  const own = lines.filter((line) => line.look === "own");
  const band = { low: gained(equity.low), high: gained(equity.high) };
  const moved = spanOf([...own.flatMap((line) => line.values), ...band.low, ...band.high]);
  const isLost = moved > 0 && moved < spanOf(lines.flatMap((line) => line.values)) / 5;
  const fall = { name: "below its peak", values: equity.fall, look: "own" as const };
  return [
    { title: "Equity since the start", lines, ...(isLost ? {} : band), height: isLost ? 170 : 320 },
    ...(isLost
      ? [{ title: "The chain close up, with its band", lines: own, ...band, height: 170 }]
      : []),
    { title: "Below the last peak", lines: [fall], height: 110, isFall: true },
  ];
}

/** Equity with its band beside the baselines, and its falls on the same days. */
export function Curves({ report, isTable }: { report: Backtest; isTable: boolean }) {
  return (
    <Equity
      label={`Equity of ${report.title}, day by day`}
      days={report.equity.days}
      panes={panesOf(report.equity)}
      isTable={isTable}
    >
      <span>band: 95 % of reorderings of the chain&apos;s days</span>
    </Equity>
  );
}
