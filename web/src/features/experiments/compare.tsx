import {
  Drawn,
  kindOf,
  metricWord,
  rangeOf,
  Told,
  verdictWord,
  writeMetric,
} from "@/features/experiments/figures";
import { type Compared, useComparison } from "@/features/experiments/questions";
import { count, signedPercent } from "@/lib/format";
import { Button } from "@/ui/button";
import { Figure } from "@/ui/figure";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

/** Some runs side by side: what differs in them, their figures, and their days pair by pair. */
export function Compare({ ids, onClear }: { ids: readonly string[]; onClear: () => void }) {
  const found = useComparison(ids);
  return (
    <Panel
      title={`${count(ids.length)} runs compared`}
      query={found}
      rows={8}
      empty="There is nothing to compare."
      summary={<Button onClick={onClear}>Choose none</Button>}
    >
      {(one) => (
        <div className="flex flex-col gap-4">
          {one.remarks.length > 0 && (
            <ul className="text-prose text-ink1">
              {one.remarks.map((remark) => (
                <li key={remark}>! {remark}.</li>
              ))}
            </ul>
          )}
          <Figures found={one} />
          <Differences found={one} />
          <Paired found={one} />
        </div>
      )}
    </Panel>
  );
}

function Figures({ found }: { found: Compared }) {
  const range = rangeOf(found.runs.map((run) => run.net_sharpe));
  const names = [
    ...new Set(found.runs.flatMap((run) => run.figures?.figures.map((each) => each.name) ?? [])),
  ].filter((name) => name !== "net_sharpe");
  const titleOf = (name: string) =>
    found.runs.flatMap((run) => run.figures?.figures ?? []).find((each) => each.name === name)
      ?.title ?? name;
  return (
    <Table
      label="Their figures"
      rows={found.runs}
      keyOf={(run) => run.id}
      isQuiet={(run) => run.status !== "finished"}
      columns={[
        {
          key: "run",
          head: "Run",
          cell: (run) => <span className="font-semibold text-ink1">{run.title}</span>,
        },
        {
          key: "gate",
          head: "Gate",
          cell: (run) => <span className="whitespace-nowrap">{verdictWord(run.verdict)}</span>,
        },
        {
          key: "strip",
          head: "Net Sharpe, 95 %, tick = 0",
          isMinor: true,
          cell: (run) => (run.net_sharpe ? <Drawn one={run.net_sharpe} range={range} /> : "–"),
        },
        {
          key: "sharpe",
          head: "Net Sharpe",
          cell: (run) => (run.net_sharpe ? <Told one={run.net_sharpe} /> : "–"),
        },
        ...names.map((name) => ({
          key: name,
          head: titleOf(name),
          cell: (run: Compared["runs"][number]) => {
            const one = run.figures?.figures.find((each) => each.name === name);
            return one ? <Told one={one} /> : "–";
          },
        })),
        {
          key: "primary",
          head: "Judged by",
          isMinor: true,
          cell: (run) =>
            `${metricWord(run.primary_metric)} ${writeMetric(run.primary_metric)(run.primary)}`,
        },
        {
          key: "days",
          head: "Days",
          isNumber: true,
          isMinor: true,
          cell: (run) =>
            run.first_day ? `${count(run.days)}, ${run.first_day} to ${run.last_day}` : "–",
        },
      ]}
    />
  );
}

function Differences({ found }: { found: Compared }) {
  if (found.differences.length === 0) {
    return <p className="text-prose">Their configurations do not differ.</p>;
  }
  return (
    <Table
      label="What differs in them"
      rows={found.differences}
      keyOf={(one) => one.key}
      columns={[
        { key: "key", head: "What differs", cell: (one) => <code>{one.key}</code> },
        ...found.runs.map((run, at) => ({
          key: run.id,
          head: run.title,
          cell: (one: Compared["differences"][number]) => {
            const value = one.values[at];
            return (
              <code className="text-ink1">
                {value == null ? "–" : typeof value === "string" ? value : JSON.stringify(value)}
              </code>
            );
          },
        })),
      ]}
    />
  );
}

function Paired({ found }: { found: Compared }) {
  if (found.paired.length === 0) return null;
  const title = (id: string) => found.runs.find((run) => run.id === id)?.title ?? id;
  return (
    <Table
      label="Day by day, the first run and each other"
      rows={found.paired}
      keyOf={(one) => `${one.first} ${one.second}`}
      columns={[
        {
          key: "pair",
          head: "Day by day",
          cell: (one) => (
            <span className="text-ink1">
              {title(one.first)} less {title(one.second)}
            </span>
          ),
        },
        {
          key: "gap",
          head: "Net return a day, of equity",
          cell: (one) => (
            <Figure
              estimate={one}
              write={(value) => signedPercent(value, 3)}
              kind={kindOf(one)}
              against={0}
              reason="too few days that both have"
            />
          ),
        },
      ]}
    />
  );
}
