import type { Maybe } from "@/lib/format";

interface StripProps {
  low: Maybe;
  high: Maybe;
  value: Maybe;
  threshold?: Maybe;
  range: readonly [number, number];
  width?: number;
  label: string;
}

/** An interval as a band on a line, the value as a tick, a threshold as a tall one. */
export function Strip({ low, high, value, threshold, range, width = 84, label }: StripProps) {
  const [from, to] = range;
  const at = (x: number) => Math.min(1, Math.max(0, (x - from) / (to - from || 1))) * width;
  return (
    <svg role="img" aria-label={label} width={width} height={12} className="block overflow-visible">
      <line x1={0} x2={width} y1={6} y2={6} stroke="var(--rule)" />
      {low != null && high != null && (
        <rect
          x={at(low)}
          width={Math.max(1, at(high) - at(low))}
          y={4}
          height={4}
          fill="var(--ink3)"
          opacity={0.7}
        />
      )}
      {threshold != null && (
        <line
          x1={at(threshold)}
          x2={at(threshold)}
          y1={0}
          y2={12}
          stroke="var(--control)"
          strokeWidth={1.5}
        />
      )}
      {value != null && (
        <line x1={at(value)} x2={at(value)} y1={1} y2={11} stroke="var(--ink1)" strokeWidth={2} />
      )}
    </svg>
  );
}
