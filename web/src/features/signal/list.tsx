import { useState } from "react";

import { useInstruments } from "@/api/queries";
import { type Filters, type Line, useSignals } from "@/features/signal/questions";
import { count, interval, number, percent } from "@/lib/format";
import { short } from "@/lib/time";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";
import { TierBadge } from "@/ui/tier";

interface ListProps {
  current: string | undefined;
  zone: string;
  timeZone: string;
  onOpen: (id: string) => void;
}

/** The issued signals, the one issued last first, to choose one from. */
export function SignalList({ current, zone, timeZone, onOpen }: ListProps) {
  const [filters, setFilters] = useState<Filters>({});
  const found = useSignals(filters);
  return (
    <Panel
      title="Signals"
      query={found}
      isEmpty={() => false}
      empty=""
      rows={5}
      note="issued last first; WAIT is an answer"
      summary={(all) => `${count(all.length)}${found.hasMore ? " shown, more there" : ""}`}
    >
      {(all) => (
        <>
          <Choices filters={filters} onFilters={setFilters} />
          {all.length === 0 ? (
            <Nothing isFiltered={Object.keys(filters).length > 0} />
          ) : (
            <div className="max-h-58 overflow-y-auto">
              <Table
                label="Signals"
                rows={all}
                keyOf={(one) => one.id}
                onOpen={(one) => onOpen(one.id)}
                isCurrent={(one) => one.id === current}
                columns={columns(timeZone, zone)}
              />
            </div>
          )}
          {found.hasMore && (
            <Button kind="quiet" onClick={found.more} className="mt-1">
              Earlier ones
            </Button>
          )}
        </>
      )}
    </Panel>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <p className="py-2 text-prose">No signal is like that.</p>
  ) : (
    <p className="py-2 text-prose">
      No signal is issued yet. Train on stored bars with <code>assay train</code>, then issue one of
      every series with <code>assay daily</code>; a simulated market takes about three minutes:{" "}
      <code>assay demo</code>.
    </p>
  );
}

const columns = (timeZone: string, zone: string) => [
  {
    key: "series",
    head: "Series",
    cell: (one: Line) => (
      <span className="font-semibold text-ink1">
        {one.symbol} {one.timeframe}
      </span>
    ),
  },
  {
    key: "score",
    head: "Score",
    isNumber: true,
    cell: (one: Line) => <span className="text-ink1">{count(one.conviction)}</span>,
  },
  {
    key: "tier",
    head: "Tier",
    cell: (one: Line) => <TierBadge tier={one.tier} side={one.direction} />,
  },
  { key: "decision", head: "Decision", cell: (one: Line) => one.decision },
  {
    key: "p",
    head: "P(up), 90 %",
    isNumber: true,
    isMinor: true,
    cell: (one: Line) => (
      <>
        {percent(one.probability)}{" "}
        <span className="text-label text-ink3">
          {interval(one.low * 100, one.high * 100, (x) => number(x, 1))}
        </span>
      </>
    ),
  },
  {
    key: "skill",
    head: "Skill",
    isMinor: true,
    cell: (one: Line) =>
      [one.evidence.toLowerCase(), one.in_sample ? "in sample" : ""].filter(Boolean).join(", "),
  },
  {
    key: "at",
    head: `Bar closed, ${zone}`,
    isNumber: true,
    cell: (one: Line) => short(one.as_of, timeZone),
  },
];

const TIERS = ["HIGH", "MODERATE", "LOW", "DIVERGENT"];
const DECISIONS = ["LONG", "SHORT", "WAIT"];

function Choices({
  filters,
  onFilters,
}: {
  filters: Filters;
  onFilters: (filters: Filters) => void;
}) {
  const instruments = useInstruments();
  const symbols = (instruments.data ?? []).map((one) => one.symbol);
  const frames = (instruments.data ?? []).flatMap((one) => one.series.map((s) => s.timeframe));
  const choose = (name: keyof Filters) => (value: string) => {
    const rest = Object.fromEntries(Object.entries(filters).filter(([key]) => key !== name));
    onFilters((value ? { ...rest, [name]: value } : rest) as Filters);
  };
  return (
    <div className="flex flex-wrap gap-2 pb-2">
      <Choice label="Symbol" all={symbols} value={filters.symbol} onValue={choose("symbol")} />
      <Choice
        label="Timeframe"
        all={[...new Set(frames)]}
        value={filters.timeframe}
        onValue={choose("timeframe")}
      />
      <Choice label="Tier" all={TIERS} value={filters.tier} onValue={choose("tier")} />
      <Choice
        label="Decision"
        all={DECISIONS}
        value={filters.decision}
        onValue={choose("decision")}
      />
    </div>
  );
}

function Choice({
  label,
  all,
  value,
  onValue,
}: {
  label: string;
  all: readonly string[];
  value: string | undefined;
  onValue: (value: string) => void;
}) {
  return (
    <select
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onValue(event.target.value)}
      className="min-h-7 rounded-control border border-control bg-inset px-1 text-body text-ink1 max-tablet:min-h-11"
    >
      <option value="">{label}: all</option>
      {all.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  );
}
