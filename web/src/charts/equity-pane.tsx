import { endsOf, marksOf } from "@/charts/equity-axis";
import { signedPercent } from "@/lib/format";

export interface Line {
  name: string;
  values: readonly (number | null)[];
  look: "own" | "dashed" | "dotted";
}

export interface Pane {
  title: string;
  lines: readonly Line[];
  low?: readonly (number | null)[];
  high?: readonly (number | null)[];
  height: number;
  /** Filled from zero down. */
  isFall?: boolean;
}

export interface Frame {
  left: number;
  right: number;
  top: number;
  count: number;
}

export const LOOKS = {
  own: { stroke: "var(--ink1)", strokeWidth: 1.5 },
  dashed: { stroke: "var(--ink2)", strokeWidth: 1.25, strokeDasharray: "5 3" },
  dotted: { stroke: "var(--ink3)", strokeWidth: 1.25, strokeDasharray: "1.5 3" },
} as const;

const HEAD = 18;

/** One pane of a chart over days: band, lines, marks of its own scale. */
export function PaneDrawn({ pane, frame }: { pane: Pane; frame: Frame }) {
  const { left, right, top, count } = frame;
  const [low, high] = endsOf([
    0,
    ...pane.lines.flatMap((line) => line.values),
    ...(pane.low ?? []),
    ...(pane.high ?? []),
  ]);
  const span = high - low || 1;
  const x = (n: number) => left + (n / Math.max(1, count - 1)) * (right - left);
  const y = (value: number) => top + HEAD + (1 - (value - low) / span) * (pane.height - HEAD - 6);
  const point = (n: number, value: number) => `${round(x(n))},${round(y(value))}`;
  const line = (values: readonly (number | null)[]) => {
    let isOn = false;
    return values
      .map((value, n) => {
        const step = value === null ? "" : `${isOn ? "L" : "M"}${point(n, value)}`;
        isOn = value !== null;
        return step;
      })
      .join("");
  };
  const between = (upper: readonly (number | null)[], lower: readonly (number | null)[]) => {
    const there = upper.flatMap((one, n) => (one !== null && lower[n] != null ? [n] : []));
    const edge = (values: readonly (number | null)[]) => (n: number) => point(n, values[n] ?? 0);
    const around = [...there.map(edge(upper)), ...there.reverse().map(edge(lower))];
    return around.length > 0 ? `M${around.join("L")}Z` : "";
  };
  const first = pane.lines[0];
  const marks = marksOf(low, high, Math.max(2, pane.height / 34));
  const step = (marks[1] ?? high) - (marks[0] ?? low);
  const digits = step >= 0.01 ? 0 : step >= 0.001 ? 1 : 2;
  return (
    <g>
      <text x={left} y={top + 11} fontSize={11} fill="var(--ink2)">
        {pane.title}
      </text>
      {marks.map((mark) => (
        <g key={mark}>
          <line
            x1={left}
            x2={right}
            y1={y(mark)}
            y2={y(mark)}
            stroke={mark === 0 ? "var(--rule)" : "var(--grid)"}
          />
          <text x={left - 6} y={y(mark) + 4} textAnchor="end" fontSize={11} fill="var(--ink3)">
            {signedPercent(mark, digits)}
          </text>
        </g>
      ))}
      {pane.low && pane.high && (
        <path d={between(pane.high, pane.low)} fill="var(--ink3)" opacity={0.25} />
      )}
      {pane.isFall && first && (
        <path
          d={between(
            first.values.map((value) => value && 0),
            first.values,
          )}
          fill="var(--ink3)"
          opacity={0.35}
        />
      )}
      {[...pane.lines].reverse().map((one) => (
        <path key={one.name} d={line(one.values)} fill="none" {...LOOKS[one.look]} />
      ))}
    </g>
  );
}

const round = (value: number) => Math.round(value * 10) / 10;
