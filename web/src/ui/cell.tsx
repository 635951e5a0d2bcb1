import { count, interval } from "@/lib/format";
import { fillOf, Marks, type Side, type Tier, TIER_WORDS } from "@/ui/tier";

export interface Conviction {
  tier: Tier;
  side: Side;
  score: number | null;
  low?: number | null;
  high?: number | null;
  n: number | null;
  /** Why there is no figure: `no evidence`, `too few`, `closed 14:30`. */
  missing?: string | undefined;
  /** How old, where it is too old: `65 min`. */
  stale?: string | undefined;
  /** Whether the pool's skill is shown out of sample; a line that is not is dashed. */
  isProven?: boolean;
  /** Stands where n would, if n is not known. */
  note?: string;
}

const SHORT: Record<string, string> = {
  HIGH: "HIGH",
  MODERATE: "MOD",
  LOW: "LOW",
  DIVERGENT: "DIV",
};

/** What a cell says to somebody who does not see it. */
export function spoken(one: Conviction): string {
  if (one.missing) return one.missing;
  const side = one.side === "UP" ? "up" : one.side === "DOWN" ? "down" : "no direction";
  const tier = one.tier ? TIER_WORDS[one.tier]?.toLowerCase() : "no evidence";
  const range = interval(one.low, one.high, count);
  return [
    one.stale ? `stale, ${one.stale} old` : "",
    `conviction ${count(one.score)}${range ? ` ${range}` : ""}`,
    tier,
    one.tier === "DIVERGENT" ? "" : side,
    one.isProven === false ? "skill not proven" : "",
    one.n === null ? "" : `n ${count(one.n)}`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** A cell of the board, 92 x 36: arrow, score, tier; interval, n. */
export function Cell({ one }: { one: Conviction }) {
  const n = one.n === null ? one.note : `n ${count(one.n)}`;
  if (one.missing) {
    return (
      <span className="flex h-9 w-23 flex-col justify-center px-2 text-left text-label text-ink3">
        <span className="flex justify-between">
          <span aria-hidden="true">–</span>
          <span>{n}</span>
        </span>
        <span className="truncate">{one.missing}</span>
      </span>
    );
  }
  const ground = one.stale
    ? "border border-dashed border-control text-ink3"
    : fillOf(one.tier, one.side);
  const quiet = one.tier === "HIGH" && !one.stale ? "" : one.stale ? "text-ink3" : "text-ink2";
  return (
    <span
      className={`flex h-9 w-23 flex-col justify-center rounded-control px-2 ${ground}`}
      data-tier={one.tier ?? "NONE"}
    >
      <span className="flex items-center justify-between">
        <span className={`text-symbol ${one.stale ? "font-normal" : "font-semibold"}`}>
          {!one.stale && <Marks tier={one.tier} side={one.side} />} {count(one.score)}
        </span>
        <span className={`text-label ${quiet}`}>{one.stale ? "STALE" : SHORT[one.tier ?? ""]}</span>
      </span>
      <span className={`flex items-center justify-between text-label ${quiet}`}>
        {one.stale ? <span>{one.stale}</span> : <Line one={one} wide={one.note ? 22 : 30} />}
        <span>{n}</span>
      </span>
    </span>
  );
}

function Line({ one, wide }: { one: Conviction; wide: number }) {
  const at = (score: number) => (Math.min(100, Math.max(0, score)) / 100) * wide;
  return (
    <svg width={wide} height={10} aria-hidden="true" className="overflow-visible">
      <line
        x1={0}
        x2={wide}
        y1={5}
        y2={5}
        stroke="currentColor"
        opacity={one.isProven === false ? 0.7 : 0.4}
        strokeDasharray={one.isProven === false ? "2 3" : undefined}
      />
      {one.low != null && one.high != null && (
        <rect
          x={at(one.low)}
          width={Math.max(1, at(one.high) - at(one.low))}
          y={3.5}
          height={3}
          fill="currentColor"
          opacity={0.6}
        />
      )}
      {one.score !== null && (
        <line
          x1={at(one.score)}
          x2={at(one.score)}
          y1={1}
          y2={9}
          stroke="currentColor"
          strokeWidth={2}
        />
      )}
    </svg>
  );
}
