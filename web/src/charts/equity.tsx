import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from "react";

import { datesOf, useWidth } from "@/charts/equity-axis";
import { type Line, LOOKS, type Pane, PaneDrawn } from "@/charts/equity-pane";
import { signedPercent } from "@/lib/format";
import { Table } from "@/ui/table";

interface EquityProps {
  label: string;
  days: readonly string[];
  panes: readonly Pane[];
  isTable: boolean;
  /** Beside the legend. */
  children?: ReactNode;
}

const LEFT = 56;
const RIGHT = 8;
const FOOT = 18;
const GAP = 6;

/** Panes over the same days, with a cursor by pointer and keys; or, by `t`, their table. */
export function Equity({ label, days, panes, isTable, children }: EquityProps) {
  const { box, width } = useWidth(760);
  const [cursor, setCursor] = useState<number | null>(null);
  const lines = panes.flatMap((pane) =>
    pane.lines.map((line) => ({ ...line, key: `${pane.title} ${line.name}` })),
  );
  const own = lines.filter((one, n) => lines.findIndex((each) => each.name === one.name) === n);
  const height = panes.reduce((sum, pane) => sum + pane.height + GAP, FOOT);
  const at = (n: number) => LEFT + (n / Math.max(1, days.length - 1)) * (width - LEFT - RIGHT);
  const shown = cursor ?? days.length - 1;
  const said = `${days[shown] ?? ""}: ${own
    .map((line) => `${line.name} ${signedPercent(line.values[shown])}`)
    .join(", ")}`;
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const from = event.currentTarget.getBoundingClientRect().left + LEFT;
    const share = (event.clientX - from) / Math.max(1, width - LEFT - RIGHT);
    setCursor(Math.round(Math.min(1, Math.max(0, share)) * (days.length - 1)));
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -21, PageDown: 21 }[event.key];
    const to = { Home: 0, End: days.length - 1 }[event.key] ?? shown + (step ?? NaN);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    setCursor(Math.min(days.length - 1, Math.max(0, to)));
  };
  if (isTable) {
    return (
      <div className="max-h-110 overflow-y-auto" tabIndex={0} role="group" aria-label={label}>
        <Twin label={label} days={days} panes={panes} />
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-1">
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-label text-ink3">
        <span className="text-ink2">{days[shown]}</span>
        {own.map((line) => (
          <Key key={line.name} line={line} value={signedPercent(line.values[shown])} />
        ))}
        {children}
      </p>
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={days.length - 1}
        aria-valuenow={shown}
        aria-valuetext={said}
        onKeyDown={press}
      >
        <svg
          width={width}
          height={height}
          aria-hidden="true"
          className="block max-w-full"
          onPointerMove={point}
          onPointerLeave={() => setCursor(null)}
        >
          {datesOf(days, (width - LEFT) / 70).map((date) => (
            <g key={date.word}>
              <line
                x1={at(date.at)}
                x2={at(date.at)}
                y1={0}
                y2={height - FOOT}
                stroke="var(--grid)"
              />
              <text
                x={at(date.at)}
                y={height - 4}
                textAnchor={at(date.at) > width - RIGHT - 16 ? "end" : "middle"}
                fontSize={11}
                fill="var(--ink3)"
              >
                {date.word}
              </text>
            </g>
          ))}
          {panes.map((pane, n) => (
            <PaneDrawn
              key={pane.title}
              pane={pane}
              frame={{
                left: LEFT,
                right: width - RIGHT,
                top: panes.slice(0, n).reduce((sum, one) => sum + one.height + GAP, 0),
                count: days.length,
              }}
            />
          ))}
          {cursor !== null && (
            <line
              x1={at(cursor)}
              x2={at(cursor)}
              y1={0}
              y2={height - FOOT}
              stroke="var(--control)"
            />
          )}
        </svg>
      </div>
    </div>
  );
}

function Key({ line, value }: { line: Line; value: string }) {
  return (
    <span className="flex items-center gap-1">
      <svg width={18} height={8} aria-hidden="true">
        <line x1={0} x2={18} y1={4} y2={4} {...LOOKS[line.look]} />
      </svg>
      {line.name} {value}
    </span>
  );
}

function Twin({
  label,
  days,
  panes,
}: {
  label: string;
  days: readonly string[];
  panes: readonly Pane[];
}) {
  const columns = panes.flatMap((pane) => [
    ...pane.lines.map((line) => ({ name: line.name, values: line.values })),
    ...(pane.low && pane.high
      ? [
          { name: "band, low", values: pane.low },
          { name: "band, high", values: pane.high },
        ]
      : []),
  ]);
  const once = columns.filter(
    (one, n) => columns.findIndex((each) => each.name === one.name) === n,
  );
  return (
    <Table
      label={label}
      rows={days.map((day, n) => ({ day, n }))}
      keyOf={(row) => row.day}
      columns={[
        { key: "day", head: "Day, UTC", cell: (row) => row.day },
        ...once.map((one) => ({
          key: one.name,
          head: one.name,
          isNumber: true,
          cell: (row: { n: number }) => signedPercent(one.values[row.n]),
        })),
      ]}
    />
  );
}
