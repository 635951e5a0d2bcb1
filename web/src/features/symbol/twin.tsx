import { useState } from "react";

import type { Bar } from "@/charts/candles/bars";
import type { Stretch } from "@/charts/candles/scene";
import type { TrackSignal } from "@/features/symbol/data";
import { seconds, type Series } from "@/features/symbol/joined";
import { outcomeOf } from "@/features/symbol/outcome";
import { count, number, price, signed } from "@/lib/format";
import { short, zoneLabel } from "@/lib/time";
import { Button } from "@/ui/button";
import { Change } from "@/ui/direction";
import { type Column, Table } from "@/ui/table";

const ROWS = 100;

interface Row {
  bar: Bar;
  change: number | null;
  indicator: number | null;
  signal: TrackSignal | undefined;
  marks: string;
}

interface TwinProps {
  name: string;
  series: Series;
  signals: readonly TrackSignal[];
  indicator: { title: string; values: readonly { value: number | null }[]; decimals: number };
  timeZone: string;
  cursor: number | null;
  onEarlier: () => void;
}

/** The table behind the chart: its bars, the newest first, with what was said and came of it. */
export function Twin({ name, series, signals, indicator, timeZone, cursor, onEarlier }: TwinProps) {
  const [length, setLength] = useState(ROWS);
  const { bars, decimals } = series;
  const by = new Map(signals.map((one) => [seconds(one.as_of), one]));
  const rows: Row[] = bars.slice(-length).map((bar, n, shown) => {
    const place = bars.length - shown.length + n;
    const before = bars[place - 1];
    return {
      bar,
      change: before ? bar.close - before.close : null,
      indicator: indicator.values[place]?.value ?? null,
      signal: by.get(bar.time),
      marks: marksOf(series.stretches, bar, before),
    };
  });
  const last = bars.at(-1);
  const zone = last ? zoneLabel(new Date(last.time * 1000), timeZone) : "UTC";
  return (
    <div className="max-h-[max(440px,calc(100dvh-220px))] overflow-y-auto px-3 pb-3">
      <Table
        label={`${name}, bars and signals, the newest first`}
        rows={rows.reverse()}
        keyOf={(row) => String(row.bar.time)}
        isCurrent={(row) => row.bar.time === cursor}
        columns={columns(zone, timeZone, decimals, indicator)}
      />
      <p className="flex items-center gap-3 pt-2 text-ink3">
        {count(rows.length)} of {count(bars.length)} loaded bars
        {(rows.length < bars.length || !series.isWhole) && (
          <Button
            onClick={() => {
              if (length + ROWS > bars.length) onEarlier();
              setLength(length + ROWS);
            }}
          >
            Show {ROWS} earlier
          </Button>
        )}
      </p>
    </div>
  );
}

function columns(
  zone: string,
  timeZone: string,
  decimals: number,
  indicator: TwinProps["indicator"],
): Column<Row>[] {
  const written = (key: keyof Bar, head: string, isMinor = false): Column<Row> => ({
    key,
    head,
    isNumber: true,
    isMinor,
    cell: ({ bar }) => price(bar[key], decimals),
  });
  return [
    {
      key: "time",
      head: `Closed, ${zone}`,
      cell: ({ bar }) => (
        <span className="whitespace-nowrap">{short(new Date(bar.time * 1000), timeZone)}</span>
      ),
    },
    written("open", "Open", true),
    written("high", "High", true),
    written("low", "Low", true),
    written("close", "Close"),
    {
      key: "change",
      head: "Change",
      isNumber: true,
      cell: ({ change }) => <Change value={change} text={signed(change, decimals)} />,
    },
    {
      key: "indicator",
      head: indicator.title,
      isNumber: true,
      isMinor: true,
      cell: (row) => number(row.indicator, Math.max(1, indicator.decimals)),
    },
    {
      key: "conviction",
      head: "Conviction",
      isNumber: true,
      cell: ({ signal }) => (signal ? `${count(signal.conviction)} ${signal.tier ?? ""}` : ""),
    },
    {
      key: "signal",
      head: "Signal",
      cell: ({ signal }) => signal && <SignalWords signal={signal} />,
    },
    { key: "marks", head: "Bars", cell: (row) => row.marks, isMinor: true },
  ];
}

function SignalWords({ signal }: { signal: TrackSignal }) {
  return (
    <span>
      {signal.decision} {signal.direction === "NONE" ? "" : `(leant ${signal.direction})`}{" "}
      {outcomeOf(signal) || (signal.open ? "open" : "")}
    </span>
  );
}

function marksOf(stretches: readonly Stretch[], bar: Bar, before: Bar | undefined): string {
  return stretches
    .filter((one) =>
      one.kind === "flagged"
        ? one.first <= bar.time && bar.time <= one.last
        : one.last < bar.time && one.first > (before?.time ?? 0),
    )
    .map((one) => (one.kind === "missing" ? `${one.text} before` : one.text))
    .join(", ");
}
