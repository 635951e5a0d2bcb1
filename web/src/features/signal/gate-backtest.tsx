import { LineVerdict, Sub } from "@/features/signal/parts";
import { type Signal, useBacktestGate } from "@/features/signal/questions";
import { count, number } from "@/lib/format";
import { Table } from "@/ui/table";

/** What the gate said of the newest backtest of this series, line by line. */
export function BacktestGate({ signal }: { signal: Signal }) {
  const { data, error, isPending } = useBacktestGate(signal);
  return (
    <>
      <Sub
        title="Gate of the newest backtest"
        note={
          data &&
          `${data.verdict}, ${count(data.trial_count)} trials${data.simulated ? ", simulated" : ""}`
        }
      />
      {error && <p role="alert">{error.detail}</p>}
      {isPending && <p className="text-ink3">being asked</p>}
      {data === null && (
        <p className="text-body text-ink3">
          No backtest of {signal.symbol} {signal.timeframe} has been judged.{" "}
          <code>assay backtest</code> makes one.
        </p>
      )}
      {data && (
        <Table
          label="Gate of the newest backtest"
          rows={data.lines}
          keyOf={(one) => `${one.tier} ${one.check}`}
          columns={[
            {
              key: "check",
              head: "Line",
              cell: (one) => (
                <>
                  <code className="text-ink1">{one.check}</code>
                  <span className="block text-ink3">{one.sentence}</span>
                </>
              ),
            },
            {
              key: "value",
              head: "Value",
              isNumber: true,
              cell: (one) => number(one.statistic, 3),
            },
            {
              key: "needs",
              head: "Held against",
              isNumber: true,
              isMinor: true,
              cell: (one) => number(one.threshold, 3),
            },
            {
              key: "is",
              head: "Verdict",
              isNumber: true,
              cell: (one) => (
                <LineVerdict is={one.passed === null ? "open" : one.passed ? "pass" : "fail"} />
              ),
            },
          ]}
        />
      )}
    </>
  );
}
