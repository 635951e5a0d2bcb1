import type { Place } from "@/features/board/model";
import { percent } from "@/lib/format";

/** What the strongest signal of a symbol decided, and what stands against a position. */
export function Decision({ place, isShort }: { place: Place | null; isShort?: boolean }) {
  const signal = place?.signal;
  if (!signal) return <span className="text-ink3">–</span>;
  const isStale = place.is_stale === true;
  const side = signal.decision === "LONG" ? "▲" : signal.decision === "SHORT" ? "▼" : "";
  const ink = isStale
    ? "text-ink3"
    : side === "▲"
      ? "font-semibold text-up"
      : side === "▼"
        ? "font-semibold text-down"
        : "text-ink2";
  const reasons = isStale ? ["stale", ...signal.reasons] : signal.reasons;
  return (
    <span className={`block leading-4 ${isShort ? "text-right" : ""}`}>
      <span className={`block truncate ${ink}`}>
        {side && <span aria-hidden="true">{side} </span>}
        {signal.decision} <span className="font-normal text-ink3">{signal.timeframe}</span>
      </span>
      {side && reasons.length === 0 && (
        <span className="block truncate text-label text-ink3">
          {percent(signal.risk_fraction, 2)} at risk
        </span>
      )}
      {reasons.length > 0 && (
        <span className="block truncate" title={reasons.join(", ")}>
          <code className="text-ink3">{isShort ? reasons[0] : reasons.join(" ")}</code>
          {isShort && reasons.length > 1 && (
            <span className="text-label text-ink3"> and {reasons.length - 1}</span>
          )}
        </span>
      )}
    </span>
  );
}
