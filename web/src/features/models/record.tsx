import { type GapRow, useGap, useRecordOfMembers } from "@/features/models/questions";
import { count, percent, signed } from "@/lib/format";
import { Figure } from "@/ui/figure";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

/** What came of what each member said: on issued signals, none that it had learned from. */
export function RecordOfMembers() {
  const record = useRecordOfMembers();
  return (
    <Panel
      title="What came of what they said"
      note="issued signals, resolved at their horizon"
      query={record}
      isEmpty={(found) => found.groups.length === 0}
      empty="No signal has been resolved that a member had not learned from."
      summary={(found) => found.left_out > 0 && `${count(found.left_out)} left out: learned from`}
    >
      {(found) => (
        <Table
          label="Record of the members"
          rows={found.groups}
          keyOf={(one) => `${one.name} ${one.kind}`}
          columns={[
            {
              key: "name",
              head: "Member",
              cell: (one) => <span className="font-semibold text-ink1">{one.name}</span>,
            },
            {
              key: "hit",
              head: "Right side",
              cell: (one) => (
                <Figure
                  estimate={one.hit_rate}
                  write={(value) => percent(value)}
                  against={0.5}
                  kind={kindOf(one)}
                />
              ),
            },
            {
              key: "brier",
              head: "Brier, gain over climatology",
              cell: (one) => (
                <Figure
                  estimate={one.brier.gain}
                  write={(value) => signed(value, 4)}
                  against={0}
                  kind={kindOf(one)}
                />
              ),
            },
            {
              key: "n",
              head: "Resolved",
              cell: (one) => count(one.n),
              isNumber: true,
              isMinor: true,
            },
          ]}
        />
      )}
    </Panel>
  );
}

function kindOf(one: { kind: string; simulated: boolean }): string {
  return one.simulated && one.kind !== "simulated" ? `${one.kind}, simulated` : one.kind;
}

function Beside({ one, side, kind }: { one: GapRow; side: "now" | "then"; kind: string }) {
  const r = one.figures.find((each) => each.name === "r");
  return (
    <Figure
      estimate={r?.[side] ?? { value: null }}
      write={(value) => signed(value, 2)}
      kind={kind}
    />
  );
}

/** The live figure of each series beside that of its newest backtest, and how far they lie apart. */
export function Gap() {
  const gap = useGap();
  return (
    <Panel
      title="Live against backtest"
      query={gap}
      isEmpty={(found) => found.items.length === 0}
      empty={
        <>
          Nothing to compare yet: it needs a backtest (<code>assay backtest</code>) and resolved
          signals.
        </>
      }
    >
      {(found) => (
        <Table
          label="Live against backtest"
          rows={found.items}
          keyOf={(one) => `${one.symbol} ${one.timeframe} ${one.kind}`}
          columns={[
            {
              key: "name",
              head: "Series",
              cell: (one) => (
                <span className="text-ink1">
                  {one.symbol} {one.timeframe}
                </span>
              ),
            },
            {
              key: "now",
              head: "Issued, mean result in R",
              cell: (one) => <Beside one={one} side="now" kind={kindOf(one)} />,
            },
            {
              key: "then",
              head: "Backtest, in R",
              cell: (one) => <Beside one={one} side="then" kind="out of sample" />,
            },
            {
              key: "gap",
              head: "Apart",
              cell: (one) => {
                const r = one.figures.find((each) => each.name === "r");
                return one.problem ? (
                  one.problem
                ) : (
                  <Figure
                    estimate={{
                      value: r?.difference,
                      low: r?.low,
                      high: r?.high,
                      level: 0.95,
                      n: r?.now.n,
                    }}
                    write={(value) => signed(value, 2)}
                    against={0}
                    kind={kindOf(one)}
                  />
                );
              },
            },
          ]}
        />
      )}
    </Panel>
  );
}
