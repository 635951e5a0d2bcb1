import type { ReactNode } from "react";

import { count, direction, interval, type Maybe } from "@/lib/format";

export const ENOUGH = 30;
export type Kind = "live" | "replay" | "out of sample" | "in sample" | "simulated";

export interface Estimate {
  value: Maybe;
  low?: Maybe;
  high?: Maybe;
  level?: Maybe;
  n?: Maybe;
}

interface FigureProps {
  estimate: Estimate;
  write: (value: Maybe) => string;
  kind: Kind | string;
  /** What the figure is held against; it is coloured only if its interval is clear of it. */
  against?: number;
  size?: "body" | "headline" | "figure";
  reason?: ReactNode;
  /** Writes the ends of the interval, if not as the figure: without its unit. */
  ends?: (value: Maybe) => string;
  /** Why there is too little behind it although n is enough: `n 64 on 3 days, too few`. */
  few?: string | undefined;
}

const SIZES = { body: "text-body", headline: "text-headline", figure: "text-figure" };

/** A figure with its interval, level, n and kind; never without them. */
export function Figure({
  estimate,
  write,
  kind,
  against,
  size = "body",
  reason,
  few,
  ends = write,
}: FigureProps) {
  const { value, low, high, level, n } = estimate;
  if (value == null) {
    return (
      <span className="block text-ink3">
        <span className={SIZES[size]}>–</span>
        {reason && <span className="block text-label">no value: {reason}</span>}
      </span>
    );
  }
  const isFew = few !== undefined || (n != null && n < ENOUGH);
  const isClear =
    against !== undefined && low != null && high != null && (low > against || high < against);
  const side = against === undefined ? null : direction(value - against);
  const ink = isFew
    ? "text-ink3"
    : isClear && side
      ? side.word === "up"
        ? "text-up"
        : "text-down"
      : "text-ink1";
  return (
    <span className="block">
      <span className={`${SIZES[size]} ${isFew ? "font-normal" : "font-semibold"} ${ink}`}>
        {side?.mark && <span aria-hidden="true">{side.mark} </span>}
        {write(value)}
      </span>
      <span className="block text-label text-ink3">
        {isFew
          ? (few ?? `n ${count(n)} of ${ENOUGH}, too few`)
          : [
              `${interval(low, high, ends)}${level ? ` ${count(level * 100)} %` : ""}`.trim(),
              n == null ? "" : `n ${count(n)}`,
            ]
              .filter(Boolean)
              .join(", ")}
        {kind && (
          <>
            {", "}
            <span
              className={kind === "live" ? "" : "underline decoration-dashed underline-offset-2"}
            >
              {kind}
            </span>
          </>
        )}
      </span>
    </span>
  );
}
