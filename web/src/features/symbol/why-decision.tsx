import type { Signal } from "@/features/symbol/data";
import { moveOf, sizeOf } from "@/features/symbol/money";
import { Row, Section } from "@/features/symbol/why-parts";
import { number, percent, price } from "@/lib/format";
import { Change } from "@/ui/direction";

interface DecisionProps {
  signal: Signal;
  decimals: number;
  pip: number | null;
}

/** What it decided: the plan with its levels, or why it waits. */
export function Decision({ signal, decimals, pip }: DecisionProps) {
  const side = { LONG: "▲ LONG", SHORT: "▼ SHORT", WAIT: "– WAIT" }[signal.decision];
  const ink = { LONG: "text-up", SHORT: "text-down", WAIT: "text-ink1" }[signal.decision];
  return (
    <Section title={`Decision${signal.simulated ? ", simulated market" : ""}`}>
      <p className={`text-symbol font-semibold ${ink}`}>{side}</p>
      <dl>
        {signal.stop !== null && signal.target !== null && (
          <Plan signal={signal} decimals={decimals} pip={pip} />
        )}
        <Row label="A round trip costs">
          {sizeOf(signal.cost_round_trip * signal.price, pip, decimals)}
        </Row>
      </dl>
      {signal.reasons.length > 0 && (
        <ul className="pt-1">
          {signal.reasons.map((one) => (
            <li key={one.code} className="py-0.5 text-body">
              <code className="text-ink1">{one.code}</code> {one.sentence}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Plan({ signal, decimals, pip }: DecisionProps) {
  const { target, stop, price: entry } = signal;
  if (target === null || stop === null) return null;
  const reward = Math.abs(target - entry);
  const risk = Math.abs(entry - stop);
  const cost = signal.cost_round_trip * entry;
  const level = (value: number) => (
    <>
      {price(value, decimals)}{" "}
      <Change value={value - entry} text={moveOf(value - entry, pip, decimals)} />
    </>
  );
  return (
    <>
      <Row label="Entry, planned">{price(entry, decimals)}</Row>
      <Row label={`Target, ${number(signal.target_atr, 1)} ATR`}>{level(target)}</Row>
      <Row label={`Stop, ${number(signal.stop_atr, 1)} ATR`}>{level(stop)}</Row>
      <Row label="Reward to risk, net">
        {risk + cost > 0 ? number((reward - cost) / (risk + cost), 2) : "–"}
      </Row>
      <Row label="Of the equity, if the stop is hit">{percent(signal.risk_fraction, 2)}</Row>
    </>
  );
}
