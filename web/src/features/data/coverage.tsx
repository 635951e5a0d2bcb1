import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import { Heat, HeatLegend, type HeatRow } from "@/charts/heatmap";
import { cellsOf, monthColumns, MOST, timeframesOf, yearColumns } from "@/features/data/matrix";
import { type Months, type Quality, useMonths, useQuality } from "@/features/data/questions";
import { count, number } from "@/lib/format";
import { useNarrow } from "@/lib/narrow";
import { Panel } from "@/ui/panel";

/** How much of each month is there, of every series; a row opens the series. */
export function Coverage({ onOpen }: { onOpen: (symbol: string, timeframe: string) => void }) {
  const months = useMonths();
  const quality = useQuality();
  return (
    <Panel
      title="Coverage"
      note="bars that are there of those that the calendar expects, UTC"
      query={months}
      rows={12}
      isEmpty={(found) => found.rows.length === 0 && !found.looking}
      empty={
        <>
          No bars are stored: run <code>assay simulate</code> for a market to try, import a file
          with <code>assay data import</code>, or sync a feed.
        </>
      }
      summary={(found) =>
        found.looking
          ? `looking at ${count(found.unseen.length)} more`
          : `${count(found.rows.length)} series`
      }
    >
      {(found) => (
        <div className="flex flex-col gap-2">
          {quality.data?.problems.map((problem) => (
            <p key={problem} role="alert" className="text-prose text-alarm">
              {problem}
            </p>
          ))}
          {found.rows.length === 0 ? (
            <p role="status" className="text-prose">
              Every series is looked at once; {count(found.unseen.length)} are left. This takes some
              seconds each.
            </p>
          ) : (
            <Matrix found={found} quality={quality.data?.items ?? []} onOpen={onOpen} />
          )}
          {quality.data && <p className="text-label text-ink3">{quality.data.formula}.</p>}
        </div>
      )}
    </Panel>
  );
}

interface MatrixProps {
  found: Months;
  quality: readonly Quality[];
  onOpen: (symbol: string, timeframe: string) => void;
}

const keyOf = (one: { symbol: string; timeframe: string }) => `${one.symbol} ${one.timeframe}`;

function Matrix({ found, quality, onOpen }: MatrixProps) {
  const isNarrow = useNarrow();
  const frames = timeframesOf(found.rows);
  const [asked, setAsked] = useState<string | null>(null);
  const [chosen, setChosen] = useState<"month" | "year" | null>(null);
  const usual = found.rows.length + found.unseen.length > MOST ? (frames[0] ?? "") : "";
  const frame = asked ?? usual;
  const by = chosen ?? (isNarrow ? "year" : "month");
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <Choice
          label="Series"
          value={frame}
          onChange={setAsked}
          options={[
            ["", `all ${count(found.rows.length)}`],
            ...frames.map((one) => [one, `on ${one}`] as const),
          ]}
        />
        <Choice
          label="By"
          value={by}
          onChange={(value) => setChosen(value === "year" ? "year" : "month")}
          options={[
            ["month", "month"],
            ["year", "year, in figures"],
          ]}
        />
        <HeatLegend />
      </div>
      <Grid {...{ found, quality, frame, by, isNarrow, onOpen }} />
    </>
  );
}

interface GridProps extends MatrixProps {
  frame: string;
  by: "month" | "year";
  isNarrow: boolean;
}

function Grid({ found, quality, frame, by, isNarrow, onOpen }: GridProps) {
  const columns = useMemo(
    () => (by === "month" ? monthColumns(found.months) : yearColumns(found.months)),
    [by, found.months],
  );
  const rows = useMemo(
    () => rowsOf(found, quality, frame, by, isNarrow),
    [found, quality, frame, by, isNarrow],
  );
  return (
    <Heat
      label="Coverage of every series"
      rowHead="Series"
      extras={isNarrow ? ["Score"] : ["Score", "Gaps", "Flags"]}
      rows={rows}
      columns={columns}
      isWritten={by === "year"}
      onOpen={(key) => {
        const [symbol = "", timeframe = ""] = key.split(" ");
        onOpen(symbol, timeframe);
      }}
    />
  );
}

function rowsOf(
  found: Months,
  quality: readonly Quality[],
  frame: string,
  by: "month" | "year",
  isNarrow: boolean,
): HeatRow[] {
  const known = new Map(quality.map((one) => [keyOf(one), one] as const));
  return found.rows
    .filter((row) => !frame || row.timeframe === frame)
    .map((row) => {
      const one = known.get(keyOf(row));
      const score = number(one?.score);
      return {
        key: keyOf(row),
        name: keyOf(row),
        head: (
          <Link
            to="/data/$symbol/$timeframe"
            params={{ symbol: row.symbol, timeframe: row.timeframe }}
            tabIndex={-1}
            className="inline-flex min-h-6 items-center"
          >
            {row.symbol} <span className="pl-1 font-normal text-ink3">{row.timeframe}</span>
          </Link>
        ),
        extras: isNarrow ? [score] : [score, count(one?.gaps), flagsOf(one)],
        cells: cellsOf(row, found.months, by),
      };
    });
}

function flagsOf(one: Quality | undefined): string {
  if (!one) return "–";
  return (
    one.flags.map((flag) => `${flag.code.replaceAll("_", " ")} ${count(flag.times)}`).join(", ") ||
    "none"
  );
}

/** A choice among a few. */
export function Choice({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}) {
  return (
    <label className="flex items-center gap-2 text-ink3">
      {label}
      <select
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="min-h-6 rounded-control border border-control bg-inset px-1 text-ink1"
      >
        {options.map(([key, word]) => (
          <option key={key} value={key}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}
