export type Tier = "HIGH" | "MODERATE" | "LOW" | "DIVERGENT" | null;
export type Side = "UP" | "DOWN" | "NONE";

export const TIER_WORDS: Record<string, string> = {
  HIGH: "HIGH CONVICTION",
  MODERATE: "MODERATE",
  LOW: "LOW",
  DIVERGENT: "DIVERGENT",
};

/** How a tier fills its ground: solid, tint, bare, hatch. */
export function fillOf(tier: Tier, side: Side): string {
  if (tier === "DIVERGENT") return "hatched border border-rule text-ink1";
  const is = side === "DOWN" ? "down" : "up";
  if (tier === "HIGH") {
    return is === "up" ? "bg-up text-on-up" : "bg-down text-on-down";
  }
  if (tier === "MODERATE") {
    return is === "up" ? "bg-up-tint text-up" : "bg-down-tint text-down";
  }
  return "text-ink2";
}

export function Marks({ tier, side }: { tier: Tier; side: Side }) {
  if (tier === "DIVERGENT") {
    return (
      <span aria-hidden="true">
        <span className="text-up">▲</span>
        <span className="text-down">▼</span>
      </span>
    );
  }
  if (side === "NONE") return null;
  const ink = tier === "LOW" ? (side === "UP" ? "text-up" : "text-down") : "";
  return (
    <span aria-hidden="true" className={ink}>
      {side === "UP" ? "▲" : "▼"}
    </span>
  );
}

/** The tier in a word, filled as its cell is. */
export function TierBadge({
  tier,
  side,
  stale,
}: {
  tier: Tier;
  side: Side;
  stale?: string | undefined;
}) {
  const base =
    "inline-flex h-5 items-center gap-1 rounded-control px-2 text-label font-semibold whitespace-nowrap";
  if (stale) {
    return (
      <span className={`${base} border border-dashed border-control text-ink3`}>STALE {stale}</span>
    );
  }
  if (tier === null) {
    return (
      <span className={`${base} border border-dashed border-control text-ink3`}>NO EVIDENCE</span>
    );
  }
  const outline = tier === "LOW" ? "border border-rule" : "";
  return (
    <span className={`${base} ${fillOf(tier, side)} ${outline}`}>
      <Marks tier={tier} side={side} />
      {TIER_WORDS[tier]}
      <span className="sr-only">{side === "UP" ? ", up" : side === "DOWN" ? ", down" : ""}</span>
    </span>
  );
}

const VERDICTS: Record<string, string> = { CONFIRM: "✓", CHALLENGE: "✕", ABSTAIN: "–" };

/** What the analyst said of the models, and by which reason. */
export function VerdictBadge({
  kind,
  reason,
}: {
  kind: string;
  reason?: string | null | undefined;
}) {
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      <span className="inline-flex h-5 items-center gap-1 rounded-control border border-ink2 px-2 text-label font-semibold text-ink1">
        <span aria-hidden="true">{VERDICTS[kind] ?? "–"}</span> {kind}
      </span>
      {reason && <code>{reason}</code>}
    </span>
  );
}
