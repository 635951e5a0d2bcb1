import { Waterfall } from "@/charts/waterfall";
import { adding, bySize, logit, type Part } from "@/charts/waterfall-places";
import { TwinButton } from "@/features/signal/parts";
import type { Signal } from "@/features/signal/questions";
import { count, number, percent, signed } from "@/lib/format";
import { type Asked, Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

interface EvidenceProps {
  query: Asked<Signal>;
  isTable: boolean;
  onToggle: () => void;
  className?: string;
}

/** How the members add up from what is usual to what the pool says. */
export function Evidence({ query, isTable, onToggle, className = "" }: EvidenceProps) {
  return (
    <Panel
      title="Evidence"
      query={query}
      empty=""
      rows={10}
      className={className}
      note="each bar adds to the last; coloured where its skill is clear of zero, 90 %"
      summary={(signal) => (
        <>
          <span>
            agreement{" "}
            <span className={signal.agreement === null ? "" : "font-semibold text-ink1"}>
              {signal.agreement === null ? "– too few weigh" : count(signal.agreement)}
            </span>
            , N_eff {number(signal.effective_members, 1)} of {count(signal.members.length)}
          </span>
          <TwinButton isTable={isTable} onToggle={onToggle} />
        </>
      )}
    >
      {(signal) =>
        isTable ? (
          <Twin signal={signal} />
        ) : (
          <Waterfall
            label={`Evidence of ${signal.symbol} ${signal.timeframe}`}
            pool={{
              base: logit(signal.base),
              low: signal.low,
              high: signal.high,
              total: signal.log_odds,
            }}
            parts={partsOf(signal)}
          />
        )
      }
    </Panel>
  );
}

/** The members as the waterfall wants them. */
export function partsOf(signal: Signal): Part[] {
  return signal.members.map((one) => ({
    key: `${one.member} ${one.timeframe}`,
    name: `${one.member} ${one.timeframe}`,
    family: one.family,
    probability: one.probability,
    skill: one.skill,
    skillError: one.skill_error,
    weight: one.weight,
    part: one.part,
    reason: one.reason ? reasonOf(one.reason.sentence) : null,
  }));
}

/** The sentence without its subject, which is the row. */
function reasonOf(sentence: string): string {
  return sentence.replace(/^This member /, "").replace(/\.$/, "");
}

interface TwinRow {
  key: string;
  name: string;
  part: Part | null;
  value: number;
  printed: number;
}

/** The same as a table, with the exact values. */
function Twin({ signal }: { signal: Signal }) {
  const base = logit(signal.base);
  const parts = bySize(partsOf(signal));
  const printed = adding([base, ...parts.map((one) => one.part)], signal.log_odds);
  const rows: TwinRow[] = [
    { key: "base", name: "base rate", part: null, value: base, printed: printed[0] ?? base },
    ...parts.map((part, n) => ({
      key: part.key,
      name: part.name,
      part,
      value: part.part,
      printed: printed[n + 1] ?? part.part,
    })),
    {
      key: "total",
      name: "pooled",
      part: null,
      value: signal.log_odds,
      printed: Math.round(signal.log_odds * 1000) / 1000,
    },
  ];
  const chance = (row: TwinRow) =>
    row.part?.probability ?? (row.key === "base" ? signal.base : signal.probability);
  return (
    <Table
      label="Evidence, exact"
      rows={rows}
      keyOf={(row) => row.key}
      isQuiet={(row) => row.part?.weight === 0}
      columns={[
        { key: "name", head: "Member", cell: (row) => row.name },
        { key: "family", head: "Family", cell: (row) => row.part?.family ?? "", isMinor: true },
        { key: "p", head: "P(up)", cell: (row) => percent(chance(row), 3), isNumber: true },
        {
          key: "skill",
          head: "Skill, nats a bar",
          isNumber: true,
          isMinor: true,
          cell: (row) =>
            row.part ? `${signed(row.part.skill, 6)} ± ${number(row.part.skillError, 6)}` : "",
        },
        {
          key: "weight",
          head: "Weight",
          isNumber: true,
          cell: (row) => (row.part ? number(row.part.weight, 4) : ""),
        },
        {
          key: "odds",
          head: "Log-odds",
          isNumber: true,
          cell: (row) => signed(row.printed, 3),
        },
        {
          key: "exact",
          head: "Exact",
          isNumber: true,
          isMinor: true,
          cell: (row) => signed(row.value, 8),
        },
        { key: "why", head: "Why it weighs nothing", cell: (row) => row.part?.reason ?? "" },
      ]}
    />
  );
}
