import { Row, Sub } from "@/features/signal/parts";
import type { Explanation, TrackSignal } from "@/features/signal/questions";
import { kindOf, type Money } from "@/features/signal/words";
import { count, price, signed, signedPercent } from "@/lib/format";
import { short, zoneLabel } from "@/lib/time";
import { Change } from "@/ui/direction";
import { type Asked, Panel } from "@/ui/panel";

interface SinceProps {
  explanation: Explanation | undefined;
  query: Asked<TrackSignal | null>;
  money: Money;
  timeZone: string;
  className?: string;
}

/** What came after the bar, which the signal could not know; and how it was resolved. */
export function Since({ explanation, query, money, timeZone, className = "" }: SinceProps) {
  return (
    <Panel
      title="What happened since"
      query={query}
      empty=""
      isEmpty={() => false}
      rows={6}
      className={`border-dashed ${className}`}
      note="hindsight: the signal could not know it"
      summary={(found) => found && kindOf(found, found.kind)}
    >
      {(found) => (
        <>
          <After since={explanation?.since} isPending={!explanation} timeZone={timeZone} />
          <Sub title="Resolution" note="one signal proves nothing: n 1" />
          {found === null ? (
            <p className="text-prose">The track record does not hold it.</p>
          ) : (
            <Resolution found={found} money={money} timeZone={timeZone} />
          )}
        </>
      )}
    </Panel>
  );
}

function After({
  since,
  isPending,
  timeZone,
}: {
  since: Explanation["since"] | undefined;
  isPending: boolean;
  timeZone: string;
}) {
  if (isPending) return <p className="text-ink3">being asked</p>;
  if (!since) return <p className="text-prose">No bar has closed after it.</p>;
  return (
    <dl className="text-body">
      <Row label="Bars">
        {count(since.bars)} of {count(since.horizon_bars)}, until {short(since.until, timeZone)}{" "}
        {zoneLabel(since.until, timeZone)}
      </Row>
      <Row label="Price">
        <Change value={since.log_return} text={signedPercent(Math.expm1(since.log_return))} />,{" "}
        {signed(since.scaled)} of the volatility expected
      </Row>
      <Row label="Outcome">
        {since.outcome === null ? "◦ open" : since.outcome}
        {since.hit !== null && (since.hit ? ", ✓ the side it leaned to" : ", ✕ the other side")}
      </Row>
      {since.exit && <Row label="Plan">{since.exit}</Row>}
    </dl>
  );
}

function Resolution({
  found,
  money,
  timeZone,
}: {
  found: TrackSignal;
  money: Money;
  timeZone: string;
}) {
  const { horizon, trade } = found;
  return (
    <dl className="text-body">
      {found.open && <Row label="Open">◦ {found.why_open_sentence ?? "a part is to come"}</Row>}
      {horizon && (
        <Row label="Horizon">
          {horizon.unknown
            ? `no outcome: ${horizon.unknown}`
            : `${horizon.outcome ?? "–"}, ${signedPercent(Math.expm1(horizon.log_return ?? NaN))}`}
          {horizon.hit !== null && (horizon.hit ? ", ✓ right side" : ", ✕ wrong side")}
          <Written entry={horizon.entry} at={horizon.recorded_at} timeZone={timeZone} />
          {horizon.revision > 1 && ` revision ${count(horizon.revision)}: bars were corrected`}
        </Row>
      )}
      {trade && (
        <Row label={trade.hypothetical ? "Withheld" : "Trade"}>
          {trade.hypothetical && `hypothetical, ${trade.withheld ?? "–"}: `}
          <span className={trade.hypothetical ? "" : "font-semibold"}>
            {trade.hypothetical ? (
              `${signed(trade.r_net)} R`
            ) : (
              <Change value={trade.r_net} text={`${signed(trade.r_net)} R`} />
            )}
          </span>{" "}
          net, {trade.end} after {count(trade.bars)} bars, {trade.side > 0 ? "long" : "short"}{" "}
          {price(trade.entry_price, money.decimals)} to {price(trade.exit_price, money.decimals)};{" "}
          {signed(trade.r_gross)} R before costs
          {trade.ambiguous && "; a bar reached both, the stop is taken first"}
          {trade.gapped && "; the market opened beyond the stop"}
          <Written entry={trade.entry} at={trade.recorded_at} timeZone={timeZone} />
        </Row>
      )}
    </dl>
  );
}

function Written({ entry, at, timeZone }: { entry: number; at: string; timeZone: string }) {
  return (
    <span className="block text-label text-ink3">
      journal entry {count(entry)}, {short(at, timeZone)} {zoneLabel(at, timeZone)}
    </span>
  );
}
