import { ticksOf } from "@/charts/waterfall-places";
import { count, number, percent } from "@/lib/format";
import { ENOUGH } from "@/ui/figure";

/** Forecasts that said about the same, and how often it came. */
export interface Bin {
  said: number;
  happened: number;
  low: number;
  high: number;
  n: number;
}

/** What a signal says, with its interval. */
export interface Here {
  value: number;
  low: number;
  high: number;
}

const WIDE = 264;
const HIGH = 208;
const LEFT = 34;
const TOP = 8;
const FOOT = 18;
const BARS = 40;

/** The least square of the plane that holds every point, bar and the signal. */
export function extentOf(bins: readonly Bin[], here: Here): [number, number] {
  const known = [here.value, here.low, here.high];
  for (const one of bins) known.push(one.said, one.low, one.high);
  const low = Math.max(0, Math.floor(Math.min(...known) * 20 - 0.2) / 20);
  const high = Math.min(1, Math.ceil(Math.max(...known) * 20 + 0.2) / 20);
  return [low, high];
}

/** Said against came true, n below; gold where this signal stands. */
export function Reliability({ bins, here }: { bins: readonly Bin[]; here: Here }) {
  const [low, high] = extentOf(bins, here);
  const span = high - low || 1;
  const x = (p: number) => LEFT + ((p - low) / span) * (WIDE - LEFT - 8);
  const y = (p: number) => TOP + (1 - (p - low) / span) * (HIGH - TOP - FOOT);
  const ticks = ticksOf(low, high, 4);
  const most = Math.max(...bins.map((one) => one.n), 1);
  return (
    <svg
      viewBox={`0 0 ${WIDE} ${HIGH + BARS + 18}`}
      role="img"
      aria-label={spokenBins(bins, here)}
      className="h-auto w-full max-w-80"
    >
      {ticks.map((one) => (
        <g key={one} fontSize={11} fill="var(--ink3)">
          <line x1={LEFT} x2={WIDE - 8} y1={y(one)} y2={y(one)} stroke="var(--grid)" />
          <line x1={x(one)} x2={x(one)} y1={TOP} y2={HIGH - FOOT} stroke="var(--grid)" />
          <text x={LEFT - 6} y={y(one) + 4} textAnchor="end">
            {number(one * 100, 0)}
          </text>
          <text x={x(one)} y={HIGH - 4} textAnchor="middle">
            {number(one * 100, 0)}
          </text>
        </g>
      ))}
      <rect
        x={x(here.low)}
        y={TOP}
        width={Math.max(1, x(here.high) - x(here.low))}
        height={HIGH - FOOT - TOP}
        fill="var(--accent)"
        opacity={0.14}
      />
      <line
        x1={x(low)}
        y1={y(low)}
        x2={x(high)}
        y2={y(high)}
        stroke="var(--ink3)"
        strokeDasharray="3 3"
      />
      <line
        x1={x(here.value)}
        x2={x(here.value)}
        y1={TOP}
        y2={HIGH - FOOT}
        stroke="var(--accent)"
        strokeWidth={1.5}
      />
      <text x={LEFT + 4} y={TOP + 12} fontSize={11} fill="var(--ink3)">
        came true, %
      </text>
      {bins.map((one) => {
        const isFew = one.n < ENOUGH;
        return (
          <g key={one.said} stroke={isFew ? "var(--ink3)" : "var(--ink1)"}>
            <line
              x1={x(one.said)}
              x2={x(one.said)}
              y1={y(one.low)}
              y2={y(one.high)}
              strokeWidth={1.5}
              strokeDasharray={isFew ? "2 2" : undefined}
            />
            <circle
              cx={x(one.said)}
              cy={y(one.happened)}
              r={3.5}
              fill={isFew ? "var(--panel)" : "var(--ink1)"}
            />
            <rect
              x={x(one.said) - 5}
              y={HIGH + BARS - (one.n / most) * (BARS - 10)}
              width={10}
              height={(one.n / most) * (BARS - 10)}
              fill="var(--ink3)"
              stroke="none"
              opacity={isFew ? 0.5 : 1}
            />
          </g>
        );
      })}
      <text x={LEFT - 6} y={HIGH + BARS + 12} fontSize={11} textAnchor="end" fill="var(--ink3)">
        n
      </text>
      {spaced(bins, x).map((one) => (
        <text
          key={one.said}
          x={x(one.said)}
          y={HIGH + BARS + 12}
          fontSize={11}
          textAnchor="middle"
          fill="var(--ink3)"
        >
          {count(one.n)}
        </text>
      ))}
    </svg>
  );
}

const APART = 22;

/** Those whose number has room beside the one before it. */
function spaced(bins: readonly Bin[], x: (p: number) => number): Bin[] {
  let last = -Infinity;
  return [...bins]
    .sort((one, other) => one.said - other.said)
    .filter((one) => {
      if (x(one.said) - last < APART) return false;
      last = x(one.said);
      return true;
    });
}

/** The chart in a sentence. */
export function spokenBins(bins: readonly Bin[], here: Here): string {
  const each = bins.map(
    (one) =>
      `said ${percent(one.said)}, came true ${percent(one.happened)} of ${count(one.n)}${one.n < ENOUGH ? ", too few" : ""}`,
  );
  return `Calibration. This signal says ${percent(here.value)}. ${each.join("; ")}`;
}
