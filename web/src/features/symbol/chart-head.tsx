import type { Bar } from "@/charts/candles/bars";
import type { Foretold } from "@/features/symbol/fans";
import type { Indicator } from "@/features/symbol/scene";
import type { Shapes } from "@/api/queries";
import { count, interval, number, price } from "@/lib/format";

/** Open, high, low and close of the bar that is pointed at, and how far bars usually go. */
export function Legend({
  bar,
  decimals,
  range,
}: {
  bar: Bar | undefined;
  decimals: number;
  range: string;
}) {
  if (!bar) return null;
  const parts = [
    ["O", bar.open],
    ["H", bar.high],
    ["L", bar.low],
    ["C", bar.close],
  ] as const;
  return (
    <dl className="flex flex-wrap gap-x-3 text-body">
      {parts.map(([name, value]) => (
        <div key={name} className="flex gap-1">
          <dt className="text-ink3">{name}</dt>
          <dd className="text-ink1">{price(value, decimals)}</dd>
        </div>
      ))}
      <div className="flex gap-1">
        <dt className="text-ink3">ATR14</dt>
        <dd className="text-ink1">{range}</dd>
      </div>
    </dl>
  );
}

const CHOICE =
  "min-h-6 rounded-control border border-control bg-panel px-1 text-body text-ink1 max-tablet:min-h-11";

/** Whose fan is drawn, what it has held so far, and which pane stands under it. */
export function Choices({
  fans,
  drawn,
  record,
  indicator,
  onMember,
  onIndicator,
}: {
  fans: readonly Foretold[];
  drawn: Foretold | null;
  record: Shapes["TrackGroup"] | undefined;
  indicator: Indicator;
  onMember: (member: string) => void;
  onIndicator: (indicator: Indicator) => void;
}) {
  return (
    <div className="ml-auto flex flex-wrap items-center gap-x-3 gap-y-1 text-body text-ink3">
      {drawn && (
        <span className="flex flex-wrap items-center gap-x-2">
          <label className="flex items-center gap-1">
            <FanMark /> fan 50, 90 % of
            <select
              className={CHOICE}
              value={drawn.member}
              onChange={(event) => onMember(event.target.value)}
            >
              {fans.map((one) => (
                <option key={one.member} value={one.member}>
                  {one.member}
                </option>
              ))}
            </select>
          </label>
          <span>{held(record)}</span>
        </span>
      )}
      <label className="flex items-center gap-1">
        pane
        <select
          className={CHOICE}
          value={indicator}
          onChange={(event) => onIndicator(event.target.value as Indicator)}
        >
          <option value="RSI">RSI 14</option>
          <option value="ATR">ATR 14</option>
        </select>
      </label>
    </div>
  );
}

/** `held 51 [47, 55], 89 [86, 91] %, n 412, simulated`: how often it ended inside. */
export function held(record: Shapes["TrackGroup"] | undefined): string {
  const found = record?.coverage ?? [];
  const n = found[0]?.happened.n ?? 0;
  if (!record || n === 0) return "no outcome of it out of sample yet";
  if (found.some((one) => one.happened.too_few))
    return `n ${count(n)}, too few to say what it held`;
  const whole = (value: number | null) => number(value === null ? null : value * 100, 0);
  const shares = found.map(
    ({ happened }) =>
      `${whole(happened.value)} ${interval(happened.low, happened.high, (x) => whole(x))}`,
  );
  return `held ${shares.join(", ")} %, n ${count(n)}, ${record.kind}`;
}

function FanMark() {
  return (
    <svg width={20} height={10} aria-hidden="true">
      <rect width={20} height={10} fill="var(--ink2)" opacity={0.16} />
      <rect y={2.5} width={20} height={5} fill="var(--ink2)" opacity={0.25} />
      <line x1={0} x2={20} y1={5} y2={5} stroke="var(--ink1)" strokeDasharray="4 3" />
    </svg>
  );
}
