interface Tick {
  at: number;
  text?: string;
  isZero?: boolean;
}

const HIGH = 24;
const HALF = HIGH / 2;

/** The labels of an axis, at their places. */
export function Ticks({ ticks, isUp }: { ticks: readonly Tick[]; isUp?: boolean }) {
  return (
    <span aria-hidden="true" className={`relative block ${isUp ? "h-6" : "h-5"}`}>
      {ticks.map((one) => (
        <span
          key={one.at}
          className="absolute top-1 -translate-x-1/2 text-label whitespace-nowrap text-ink3"
          style={{ left: `${one.at}%` }}
        >
          {one.text}
        </span>
      ))}
    </span>
  );
}

function Ground({ ticks, children }: { ticks: readonly Tick[]; children: React.ReactNode }) {
  return (
    <svg aria-hidden="true" width="100%" height={HIGH} className="block overflow-visible">
      {ticks.map((one) => (
        <line
          key={one.at}
          x1={`${one.at}%`}
          x2={`${one.at}%`}
          y1={0}
          y2={HIGH}
          stroke={one.isZero ? "var(--control)" : "var(--grid)"}
        />
      ))}
      {children}
    </svg>
  );
}

const line = (at: number, from: number, to: number) => (
  <line x1={`${at}%`} x2={`${at}%`} y1={from} y2={to} stroke="var(--ink3)" />
);

/** A bar from where the last one ended; grey while the member's skill is not clear of zero. */
export function Lane({
  from,
  to,
  side,
  ticks,
}: {
  from: number;
  to: number;
  side: number;
  ticks: readonly Tick[];
}) {
  const fill = side > 0 ? "var(--up)" : side < 0 ? "var(--down)" : "var(--ink3)";
  const wide = Math.abs(to - from);
  return (
    <Ground ticks={ticks}>
      {line(from, 0, HALF)}
      {line(to, HALF, HIGH)}
      {wide < 0.3 ? (
        <rect x={`${to}%`} y={6} width={2} height={12} fill={fill} transform="translate(-1 0)" />
      ) : (
        <rect x={`${Math.min(from, to)}%`} y={6} width={`${wide}%`} height={12} fill={fill} />
      )}
    </Ground>
  );
}

/** The base rate as a dot, or a member without weight as a hollow ring with its reason. */
export function Mark({
  at,
  ticks,
  isFirst = false,
  reason,
}: {
  at: number;
  ticks: readonly Tick[];
  isFirst?: boolean;
  reason?: string | null;
}) {
  const place = at > 50 ? { right: `calc(${100 - at}% + 8px)` } : { left: `calc(${at}% + 8px)` };
  const room = at > 50 ? at : 100 - at;
  return (
    <span className="relative block h-6">
      <Ground ticks={ticks}>
        {line(at, isFirst ? HALF : 0, HIGH)}
        <circle
          cx={`${at}%`}
          cy={HALF}
          r={isFirst ? 3 : 3.5}
          fill={isFirst ? "var(--ink2)" : "var(--panel)"}
          stroke={isFirst ? "none" : "var(--ink3)"}
          strokeDasharray={isFirst ? undefined : "2 2"}
        />
      </Ground>
      {reason && (
        <span
          className="absolute top-1 truncate bg-panel px-1 text-label text-ink3 max-tablet:hidden"
          style={{ ...place, maxWidth: `calc(${room}% - 10px)` }}
          title={reason}
        >
          {reason}
        </span>
      )}
    </span>
  );
}

/** The pooled total as a tick on the band of its 90 % interval. */
export function Pooled({
  at,
  low,
  high,
  ticks,
}: {
  at: number;
  low: number;
  high: number;
  ticks: readonly Tick[];
}) {
  return (
    <Ground ticks={ticks}>
      {line(at, 0, HALF)}
      <rect
        x={`${low}%`}
        y={10}
        width={`${Math.max(0.5, high - low)}%`}
        height={4}
        rx={2}
        fill="var(--ink3)"
      />
      <rect
        x={`${at}%`}
        y={5}
        width={3}
        height={14}
        fill="var(--ink1)"
        transform="translate(-1.5 0)"
      />
    </Ground>
  );
}
