import { type Row, useBacktests } from "@/features/backtests/questions";
import { Told } from "@/features/backtests/figures";
import { count } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { short, zoneLabel, zoneName } from "@/lib/time";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { Strip } from "@/ui/strip";
import { Table } from "@/ui/table";
import { signs } from "@/ui/words";

const MARKS: Record<string, string> = { finished: "✓", failed: "✕", running: "▸", aborted: "–" };

/** Some names, and how many more. */
export function fewOf(names: readonly string[], most = 3): string {
  return names.length > most + 1
    ? `${names.slice(0, most).join(", ")} and ${count(names.length - most)} more`
    : names.join(", ");
}

/** Ends of an axis that holds every interval and zero. */
export function rangeOf(
  rows: readonly ({ value: number | null; low: number | null; high: number | null } | null)[],
): [number, number] {
  const ends = rows.flatMap((one) =>
    one ? [one.value, one.low, one.high].filter((value) => value !== null) : [],
  );
  return ends.length > 0 ? [Math.min(0, ...ends), Math.max(0, ...ends)] : [-1, 1];
}

/** Every backtest, the newest first; failed ones stay. */
export function Backtests({ onOpen }: { onOpen: (trial: string) => void }) {
  const found = useBacktests();
  const { zone } = usePreferences();
  const name = zoneName(zone);
  const range = rangeOf(found.data?.map((one) => one.sharpe) ?? []);
  return (
    <Panel
      title="Backtests"
      note="the whole chain, walked forward through history"
      query={found}
      rows={8}
      empty={
        <>
          No backtest was run yet: run <code>assay backtest</code>, or start the job backtest on the
          Jobs page. It takes some minutes.
        </>
      }
      summary={(rows) => `${count(rows.length)}${found.hasMore ? " and more" : ""}`}
    >
      {(rows) => (
        <>
          <Table<Row>
            label="Backtests"
            rows={rows}
            keyOf={(one) => one.trial}
            onOpen={(one) => onOpen(one.trial)}
            isQuiet={(one) => one.status !== "finished"}
            columns={[
              {
                key: "trial",
                head: "Trial",
                cell: (one) => <code className="whitespace-nowrap">{one.trial.slice(0, 12)}</code>,
              },
              {
                key: "when",
                head: `Begun, ${zoneLabel(new Date(0), name)}`,
                cell: (one) => (
                  <span className="whitespace-nowrap">{short(one.started_at, name)}</span>
                ),
                isMinor: true,
              },
              { key: "state", head: "State", cell: (one) => <State one={one} /> },
              {
                key: "of",
                head: "Of",
                cell: (one) => (
                  <span className="text-ink1">
                    {fewOf(one.symbols)} on {one.timeframe}
                  </span>
                ),
              },
              { key: "members", head: "Members", cell: (one) => fewOf(one.members), isMinor: true },
              {
                key: "days",
                head: "Days",
                cell: (one) => count(one.days),
                isNumber: true,
                isMinor: true,
              },
              {
                key: "strip",
                head: "95 %, tick = zero",
                isMinor: true,
                cell: (one) =>
                  one.sharpe?.value != null && !one.sharpe.few ? (
                    <Strip
                      {...one.sharpe}
                      threshold={0}
                      range={range}
                      label={`Sharpe of ${one.trial} against zero`}
                    />
                  ) : (
                    "–"
                  ),
              },
              {
                key: "sharpe",
                head: "Sharpe, after costs",
                cell: (one) => (one.sharpe ? <Told one={one.sharpe} /> : "–"),
              },
            ]}
          />
          {found.hasMore && (
            <Button className="mt-2" onClick={found.more}>
              Show more
            </Button>
          )}
        </>
      )}
    </Panel>
  );
}

function State({ one }: { one: Row }) {
  return (
    <>
      <span className="whitespace-nowrap">
        <span aria-hidden="true">{MARKS[one.status] ?? "◦"} </span>
        {one.status}
      </span>
      {one.reason && <span className="block text-label">{signs(one.reason)}</span>}
      {one.status === "finished" && !one.kept && (
        <span className="block text-label">its report is not kept</span>
      )}
    </>
  );
}
