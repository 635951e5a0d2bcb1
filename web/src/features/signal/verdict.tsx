import type { ReactNode } from "react";

import type { Signal, TrackSignal } from "@/features/signal/questions";
import {
  counted,
  isClear,
  kindOf,
  type Money,
  moveOf,
  rewardToRisk,
} from "@/features/signal/words";
import { count, exact, hash, interval, number, percent, price } from "@/lib/format";
import { short, zoneLabel } from "@/lib/time";
import { TierBadge } from "@/ui/tier";

interface VerdictProps {
  signal: Signal;
  money: Money;
  timeZone: string;
  /** Live, replay or simulated, once it is known. */
  kind: TrackSignal["kind"] | undefined;
  /** How old, where that is too old to act on. */
  stale: string | undefined;
  children?: ReactNode;
}

/** The signal in one sentence, with its score and what it decided. */
export function Verdict({ signal, money, timeZone, kind, stale, children }: VerdictProps) {
  return (
    <section
      aria-label={`${signal.symbol} ${signal.timeframe}, verdict`}
      className={`rounded-panel border bg-panel p-3 ${stale ? "border-dashed border-control" : "border-hair"}`}
    >
      <div className="grid items-center gap-x-6 gap-y-3 desktop:grid-cols-[auto_minmax(0,1fr)_auto]">
        <Score signal={signal} timeZone={timeZone} kind={kind} stale={stale} />
        <p className="max-w-160 text-prose text-ink2">
          <Sentence signal={signal} />
        </p>
        <Decision signal={signal} money={money} />
      </div>
      {children}
    </section>
  );
}

function Score({ signal, timeZone, kind, stale }: Omit<VerdictProps, "money">) {
  return (
    <div className="flex items-center gap-4">
      <span
        className={`text-score ${signal.conviction === null || stale ? "text-ink3" : "font-semibold text-ink1"}`}
        title={exact(signal.conviction)}
      >
        <span className="sr-only">Conviction </span>
        {count(signal.conviction)}
      </span>
      <div className="min-w-0 desktop:max-w-72">
        <h2 className="flex flex-wrap items-center gap-2 text-symbol font-semibold text-ink1">
          {signal.symbol} {signal.timeframe}
          <TierBadge tier={signal.tier} side={signal.direction} />
          {stale && <Flag>STALE, {stale}</Flag>}
          {signal.in_sample && <Flag>IN SAMPLE</Flag>}
          {signal.evidence !== "PROVEN" && <Flag>{signal.evidence} SKILL</Flag>}
        </h2>
        <p className="text-label text-ink3">
          bar closed {short(signal.as_of, timeZone)} {zoneLabel(signal.as_of, timeZone)}
        </p>
        <p className="text-label text-ink3">
          {[
            `${count(signal.horizon_bars)} bars ahead`,
            `fitted on n ${count(signal.fusion.outcomes)}`,
            kindOf(signal, kind),
          ]
            .filter(Boolean)
            .join(", ")}
        </p>
        <p className="text-label text-ink3">
          signal <code title={signal.id}>{hash(signal.id)}</code>, issued{" "}
          {short(signal.made_at, timeZone)}
        </p>
      </div>
    </div>
  );
}

function Flag({ children }: { children: ReactNode }) {
  return (
    <span className="inline-flex h-5 items-center rounded-control border border-dashed border-control px-2 text-label font-semibold text-ink1">
      {children}
    </span>
  );
}

const SAID = { CONFIRM: "confirms", CHALLENGE: "challenges", ABSTAIN: "abstains" } as const;

function Sentence({ signal }: { signal: Signal }) {
  const { members, direction, view, verdict } = signal;
  const weighing = members.filter((one) => one.weight > 0);
  const along = weighing.filter((one) => (direction === "UP" ? one.part > 0 : one.part < 0));
  const rest = members.length - weighing.length;
  const shown = `${count(rest)} ${rest === 1 ? "is" : "are"} only shown`;
  const ink = isClear(signal) ? (direction === "UP" ? "text-up" : "text-down") : "text-ink1";
  return (
    <>
      {weighing.length === 0 || direction === "NONE" ? (
        `${weighing.length === 0 ? "No member weighs" : "Those that weigh lean to no side"}; ${shown}. `
      ) : (
        <>
          {weighing.length === 1
            ? "The only member that weighs leans"
            : `${counted(along.length)} of ${count(weighing.length)} members that weigh ${along.length === 1 ? "leans" : "lean"}`}{" "}
          <span className={`font-semibold whitespace-nowrap ${ink}`}>
            {direction === "UP" ? "▲ up" : "▼ down"}
          </span>
          ; {shown}.{" "}
        </>
      )}
      Together they move the odds of a rise, if it moves, from {number(signal.base * 100, 1)} to{" "}
      <strong className="font-semibold text-ink1" title={exact(signal.probability)}>
        {percent(signal.probability)}{" "}
        {interval(signal.low * 100, signal.high * 100, (x) => number(x, 1))}
      </strong>{" "}
      <span className="text-label text-ink3">90 %</span>. The analyst, who had not seen them,{" "}
      {view.p_up === null ? "had no view" : `said ${percent(view.p_up, 0)}`}, and now{" "}
      <strong className="font-semibold text-ink1">{SAID[verdict.kind]}</strong>
      {verdict.objection ? `: ${verdict.objection}.` : "."}
      {verdict.size_cap < 1 && ` Size is capped at ${percent(verdict.size_cap, 0)}.`}
    </>
  );
}

const SIDES = {
  LONG: ["▲ LONG", "text-up"],
  SHORT: ["▼ SHORT", "text-down"],
  WAIT: ["– WAIT", "text-ink1"],
} as const;

function Decision({ signal, money }: { signal: Signal; money: Money }) {
  const [word, ink] = SIDES[signal.decision];
  const { stop, target, price: entry } = signal;
  const from = (level: number | null) => (level === null ? "" : moveOf(level - entry, money));
  const blocking = signal.reasons.length;
  return (
    <dl className="flex flex-wrap gap-x-5 gap-y-2 desktop:text-right">
      <Item
        label={`Decision${signal.simulated ? ", simulated" : ""}`}
        below={
          signal.decision === "WAIT"
            ? `${count(blocking)} ${blocking === 1 ? "reason" : "reasons"} against`
            : `risks ${percent(signal.risk_fraction, 2)} of equity`
        }
      >
        <span className={ink}>{word}</span>
      </Item>
      <Item
        label={stop === null ? "Close of its bar" : "Entry"}
        below={stop !== null && "next open, planned"}
      >
        {price(entry, money.decimals)}
      </Item>
      {stop !== null && target !== null ? (
        <>
          <Item label="Stop" below={from(stop)}>
            {price(stop, money.decimals)}
          </Item>
          <Item label="Target" below={from(target)}>
            {price(target, money.decimals)}
          </Item>
          <Item
            label="Reward to risk"
            below={`net of ${moveOf(signal.cost_round_trip * entry, money).replace("+", "")} cost`}
          >
            {number(rewardToRisk(signal), 2)}
          </Item>
        </>
      ) : (
        <>
          <Item label="Stop" below="while it waits">
            –
          </Item>
          <Item label="Target" below="while it waits">
            –
          </Item>
        </>
      )}
    </dl>
  );
}

function Item({
  label,
  below,
  children,
}: {
  label: string;
  below?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div>
      <dt className="text-body text-ink3">{label}</dt>
      <dd className="text-prose font-semibold whitespace-nowrap text-ink1">
        {children}
        {below && <span className="block text-label font-normal text-ink3">{below}</span>}
      </dd>
    </div>
  );
}
