import { useId, useState } from "react";

import type { Maybe } from "@/lib/format";
import { number } from "@/lib/format";
import { Button } from "@/ui/button";
import { Table } from "@/ui/table";

export interface Series {
  name: string;
  values: readonly Maybe[];
  isDashed?: boolean;
  /** Ends of a band around it. */
  low?: readonly Maybe[];
  high?: readonly Maybe[];
}

interface CurveProps {
  title: string;
  x: readonly (number | string)[];
  xName: string;
  series: readonly Series[];
  write?: (value: Maybe) => string;
  height?: number;
  zero?: boolean;
}

const WIDE = 640;
const LEFT = 56;
const INKS = ["var(--ink1)", "var(--ink2)", "var(--ink3)"];

/** Lines over a common axis, grey, with their table behind `t`. */
export function Curve({
  title,
  x,
  xName,
  series,
  write = (value) => number(value, 2),
  height = 160,
  zero = false,
}: CurveProps) {
  const [isTable, setTable] = useState(false);
  const id = useId();
  const known = series
    .flatMap((one) => [...one.values, ...(one.low ?? []), ...(one.high ?? [])])
    .filter((value): value is number => value != null && Number.isFinite(value));
  if (known.length === 0) return null;
  const low = Math.min(...known, ...(zero ? [0] : []));
  const high = Math.max(...known, ...(zero ? [0] : []));
  const span = high - low || Math.abs(high) || 1;
  const atX = (n: number) => LEFT + (n / Math.max(1, x.length - 1)) * (WIDE - LEFT - 8);
  const atY = (value: number) => 8 + (1 - (value - low) / span) * (height - 28);
  const path = (values: readonly Maybe[]) => {
    let isOn = false;
    return values
      .map((value, n) => {
        if (value == null || !Number.isFinite(value)) {
          isOn = false;
          return "";
        }
        const step = `${isOn ? "L" : "M"}${atX(n).toPrecision(5)},${atY(value).toPrecision(5)}`;
        isOn = true;
        return step;
      })
      .join("");
  };
  const band = (lows: readonly Maybe[], highs: readonly Maybe[]) => {
    const there = lows.flatMap((one, n) => (one != null && highs[n] != null ? [n] : []));
    const point = (values: readonly Maybe[]) => (n: number) =>
      `${atX(n).toPrecision(5)},${atY(values[n] ?? 0).toPrecision(5)}`;
    const around = [...there.map(point(highs)), ...there.reverse().map(point(lows))];
    return around.length > 0 ? `M${around.join("L")}Z` : "";
  };
  const ticks = [low, low + span / 2, high];
  return (
    <figure aria-labelledby={id} className="flex flex-col gap-1">
      <figcaption id={id} className="flex items-baseline justify-between gap-2">
        <span className="font-semibold text-ink1">{title}</span>
        <Button kind="quiet" onClick={() => setTable(!isTable)} aria-pressed={isTable}>
          {isTable ? "Chart" : "Table"}
        </Button>
      </figcaption>
      {isTable ? (
        <div className="max-h-80 overflow-y-auto">
          <Table
            label={title}
            rows={x.map((value, n) => ({ value, n }))}
            keyOf={(row) => String(row.n)}
            columns={[
              { key: "x", head: xName, cell: (row) => row.value },
              ...series.map((one) => ({
                key: one.name,
                head: one.name,
                cell: (row: { n: number }) => write(one.values[row.n]),
                isNumber: true,
              })),
            ]}
          />
        </div>
      ) : (
        <svg
          viewBox={`0 0 ${WIDE} ${height}`}
          role="img"
          aria-label={spoken(title, series, write)}
          className="h-auto w-full"
        >
          {ticks.map((tick) => (
            <g key={tick}>
              <line x1={LEFT} x2={WIDE - 8} y1={atY(tick)} y2={atY(tick)} stroke="var(--grid)" />
              <text
                x={LEFT - 6}
                y={atY(tick) + 4}
                textAnchor="end"
                fontSize={11}
                fill="var(--ink3)"
              >
                {write(tick)}
              </text>
            </g>
          ))}
          {[0, x.length - 1].map((n) => (
            <text
              key={n}
              x={atX(n)}
              y={height - 4}
              textAnchor={n === 0 ? "start" : "end"}
              fontSize={11}
              fill="var(--ink3)"
            >
              {x[n]}
            </text>
          ))}
          {series.map((one, n) => (
            <g key={one.name}>
              {one.low && one.high && (
                <path d={band(one.low, one.high)} fill="var(--ink3)" opacity={0.2} />
              )}
              <path
                d={path(one.values)}
                fill="none"
                stroke={INKS[n % INKS.length]}
                strokeWidth={1.5}
                {...(one.isDashed ? { strokeDasharray: "4 3" } : {})}
              />
            </g>
          ))}
        </svg>
      )}
      {series.length > 1 && !isTable && (
        <p className="flex flex-wrap gap-3 text-label text-ink3">
          {series.map((one, n) => (
            <span key={one.name} className="flex items-center gap-1">
              <svg width={18} height={8} aria-hidden="true">
                <line
                  x1={0}
                  x2={18}
                  y1={4}
                  y2={4}
                  stroke={INKS[n % INKS.length]}
                  strokeWidth={1.5}
                  {...(one.isDashed ? { strokeDasharray: "4 3" } : {})}
                />
              </svg>
              {one.name}
            </span>
          ))}
        </p>
      )}
    </figure>
  );
}

function spoken(title: string, series: readonly Series[], write: (value: Maybe) => string): string {
  const each = series.map((one) => {
    const there = one.values.filter((value) => value != null);
    return `${one.name} from ${write(there[0])} to ${write(there.at(-1))}`;
  });
  return `${title}: ${each.join("; ")}`;
}
