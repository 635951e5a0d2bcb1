import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { Named, Signal } from "@/features/symbol/data";
import { moveOf, sizeOf } from "@/features/symbol/money";
import { Analyst } from "@/features/symbol/why-analyst";
import { Decision } from "@/features/symbol/why-decision";
import { Evidence } from "@/features/symbol/why-evidence";
import { Row } from "@/features/symbol/why-parts";
import { GateLine, PastHere } from "@/features/symbol/why-record";
import { count, hash, interval, number, percent } from "@/lib/format";
import { short, zoneLabel } from "@/lib/time";
import { Arrow } from "@/ui/direction";
import { Key } from "@/ui/key";
import { type Asked, Frame, Panel } from "@/ui/panel";
import { TierBadge } from "@/ui/tier";

interface WhyProps {
  named: Named;
  query: Asked<Signal>;
  /** Whether no signal is issued here, as far as is known. */
  isNone: boolean;
  stale: string | undefined;
  isReplay: boolean;
  /** Up to which signal outcomes are known in a replay. */
  until: string | null | undefined;
  decimals: number;
  pip: number | null;
  timeZone: string;
  children: ReactNode;
}

/** Why: the newest signal of these bars from score to record, each figure as the service tells it. */
export function Why(props: WhyProps) {
  const { query, isNone, named, stale, children } = props;
  if (isNone) {
    return (
      <Frame title="Why" bare>
        <p className="px-3 pb-3 text-prose">
          No signal of {named.symbol} {named.timeframe}
          {props.isReplay
            ? " was issued by then."
            : " is issued yet. One is issued when the next bar closes, or now with "}
          {!props.isReplay && (
            <code>
              assay signal {named.symbol} {named.timeframe}
            </code>
          )}
        </p>
        {children}
      </Frame>
    );
  }
  return (
    <Panel
      title="Why"
      query={query}
      stale={stale}
      empty=""
      rows={12}
      bare
      note={(signal) => <code>{hash(signal.id)}</code>}
      summary={(signal) => (
        <Link
          to="/signal/$id"
          params={{ id: signal.id }}
          className="inline-flex min-h-6 items-center gap-1 text-ink1 underline decoration-control underline-offset-2 max-tablet:min-h-11"
        >
          open <Key>Enter</Key>
        </Link>
      )}
    >
      {(signal) => (
        <>
          <Score signal={signal} {...props} />
          <Evidence signal={signal} />
          <Analyst signal={signal} />
          <Decision signal={signal} decimals={props.decimals} pip={props.pip} />
          <PastHere named={named} signal={signal} until={props.until} />
          {!props.isReplay && <GateLine named={named} />}
          {children}
        </>
      )}
    </Panel>
  );
}

function Score({ signal, stale, decimals, pip, timeZone }: WhyProps & { signal: Signal }) {
  const median = signal.price * Math.expm1(signal.expected_move * signal.volatility);
  return (
    <div className="px-3 pb-2">
      <div className="flex items-center gap-3">
        <span
          className={`text-figure ${stale ? "font-normal text-ink3" : "font-semibold text-ink1"}`}
        >
          <span className="sr-only">Conviction </span>
          {count(signal.conviction)}
        </span>
        <TierBadge tier={signal.tier} side={signal.direction} stale={stale} />
      </div>
      <p className="text-label text-ink3">
        bar closed {short(signal.as_of, timeZone)} {zoneLabel(signal.as_of, timeZone)},{" "}
        {count(signal.horizon_bars)} bars ahead, pool fitted on n {count(signal.fusion.outcomes)},{" "}
        {signal.evidence.toLowerCase()}
        {signal.in_sample && ", in sample: shows how it speaks, not how well it predicts"}
        {signal.simulated && ", simulated"}
      </p>
      <dl className="pt-1">
        <Row label="P(up), if it moves">
          <span className="font-semibold">{percent(signal.probability)}</span>{" "}
          <span className="text-label text-ink3">
            {interval(signal.low * 100, signal.high * 100, (x) => number(x, 1))} 90 %
          </span>
        </Row>
        <Row label="Usual">{percent(signal.base)}</Row>
        <Row label="Median move">
          <Arrow value={median} proven={false} />
          {moveOf(median, pip, decimals)}{" "}
          <span className="text-label text-ink3">
            ± {sizeOf(signal.price * signal.volatility, pip, decimals)}, one volatility
          </span>
        </Row>
        <Row label="Agreement">
          {signal.agreement === null ? "– too few weigh" : count(signal.agreement)}{" "}
          <span className="text-label text-ink3">
            N_eff {number(signal.effective_members, 1)} of {count(signal.members.length)}
          </span>
        </Row>
      </dl>
    </div>
  );
}
