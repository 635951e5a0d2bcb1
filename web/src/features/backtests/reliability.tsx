import { useState } from "react";

import { count, interval, number, percent } from "@/lib/format";
import type { Backtest } from "@/features/backtests/questions";
import { ENOUGH } from "@/ui/figure";
import { Table } from "@/ui/table";

type Diagram = NonNullable<Backtest["reliability"]>["pool"];
type Group = Diagram["groups"][number];

const SIZE = { wide: 360, high: 220, left: 40, right: 8, top: 8, foot: 44 };

/** Were the probabilities right: what was said against what came, of the pool or of a member. */
export function Reliable({
  found,
  kind,
  isTable,
}: {
  found: NonNullable<Backtest["reliability"]>;
  kind: string;
  isTable: boolean;
}) {
  const every = [found.pool, ...found.members];
  const [of, setOf] = useState(found.pool.of);
  const one = every.find((each) => each.of === of) ?? found.pool;
  return (
    <div className="flex flex-col gap-2">
      <label className="flex items-center gap-2 text-ink3">
        Of
        <select
          value={of}
          onChange={(event) => setOf(event.target.value)}
          className="min-h-6 rounded-control border border-control bg-inset px-1 text-ink1"
        >
          {every.map((each) => (
            <option key={each.of}>{each.of}</option>
          ))}
        </select>
      </label>
      {isTable ? <Twin one={one} /> : <Drawn one={one} />}
      {one.brier && (
        <p className="text-label text-ink3">
          Brier <span className="text-ink1">{number(one.brier.score, 4)}</span>{" "}
          {interval(one.brier.low, one.brier.high, (value) => number(value, 4))} 95 %, n{" "}
          {count(one.brier.n)}, {kind}; always saying how often up came gives{" "}
          {number(one.brier.uncertainty, 4)}. Said and came true lie {percent(one.brier.error)}{" "}
          apart on average; {percent(one.brier.by_chance)} would be by chance.
        </p>
      )}
    </div>
  );
}

function Twin({ one }: { one: Diagram }) {
  return (
    <Table<Group>
      label={`What ${one.of} said, and what came`}
      rows={one.groups}
      keyOf={(group) => `${group.left}`}
      columns={[
        { key: "said", head: "Said", cell: (group) => percent(group.said), isNumber: true },
        {
          key: "came",
          head: "Came true",
          cell: (group) =>
            isFew(group) ? `${percent(group.happened)}, too few` : percent(group.happened),
          isNumber: true,
        },
        {
          key: "interval",
          head: "95 %",
          cell: (group) => interval(group.low, group.high, (value) => percent(value)),
          isNumber: true,
        },
        { key: "n", head: "n", cell: (group) => count(group.n), isNumber: true },
      ]}
    />
  );
}

const isFew = (group: Group) => group.n < ENOUGH;

function Drawn({ one }: { one: Diagram }) {
  const { wide, high, left, right, top, foot } = SIZE;
  const known = one.groups.flatMap((group) =>
    [group.said, group.happened, group.low, group.high].filter((value) => value !== null),
  );
  if (known.length === 0) return <p className="text-prose">Too little was said to draw it.</p>;
  const low = Math.floor(Math.min(...known) * 50) / 50;
  const upper = Math.ceil(Math.max(...known) * 50) / 50;
  const x = (value: number) => left + ((value - low) / (upper - low)) * (wide - left - right);
  const y = (value: number) => top + (1 - (value - low) / (upper - low)) * (high - top - foot);
  const most = Math.max(...one.groups.map((group) => group.n));
  const marks = [low, (low + upper) / 2, upper];
  return (
    <svg
      viewBox={`0 0 ${wide} ${high}`}
      role="img"
      aria-label={`${one.of}: ${one.groups
        .map((group) => `said ${percent(group.said)}, came true ${percent(group.happened)}`)
        .join("; ")}`}
      className="block w-full max-w-110"
    >
      {marks.map((mark) => (
        <g key={mark} fontSize={11} fill="var(--ink3)">
          <line x1={left} x2={wide - right} y1={y(mark)} y2={y(mark)} stroke="var(--grid)" />
          <text x={left - 6} y={y(mark) + 4} textAnchor="end">
            {percent(mark, 0)}
          </text>
          <text x={x(mark)} y={high - foot + 14} textAnchor={mark === upper ? "end" : "middle"}>
            {percent(mark, 0)}
          </text>
        </g>
      ))}
      <line
        x1={x(low)}
        y1={y(low)}
        x2={x(upper)}
        y2={y(upper)}
        stroke="var(--ink3)"
        strokeDasharray="3 3"
      />
      {one.groups.map((group) =>
        group.said === null || group.happened === null ? null : (
          <g key={`${group.left}`} stroke={isFew(group) ? "var(--ink3)" : "var(--ink1)"}>
            {group.low !== null && group.high !== null && (
              <line
                x1={x(group.said)}
                x2={x(group.said)}
                y1={y(group.low)}
                y2={y(group.high)}
                strokeWidth={1.5}
                {...(isFew(group) ? { strokeDasharray: "2 2" } : {})}
              />
            )}
            <circle
              cx={x(group.said)}
              cy={y(group.happened)}
              r={3}
              fill={isFew(group) ? "var(--panel)" : "var(--ink1)"}
            />
            <rect
              x={x(group.said) - 3}
              width={6}
              y={high - (group.n / most) * 20}
              height={(group.n / most) * 20}
              fill="var(--ink3)"
              stroke="none"
            />
          </g>
        ),
      )}
      <text x={left - 6} y={high - 2} textAnchor="end" fontSize={11} fill="var(--ink3)">
        n
      </text>
      <text x={left + 4} y={top + 10} fontSize={11} fill="var(--ink3)">
        came true, against said
      </text>
    </svg>
  );
}
