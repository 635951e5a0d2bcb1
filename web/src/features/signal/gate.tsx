import { BacktestGate } from "@/features/signal/gate-backtest";
import { LineVerdict, Sub } from "@/features/signal/parts";
import type { Explanation, Signal } from "@/features/signal/questions";
import { basis, kindOf } from "@/features/signal/words";
import { count, interval, number, percent, signed } from "@/lib/format";
import { type Asked, Panel } from "@/ui/panel";
import { Strip } from "@/ui/strip";
import { Table } from "@/ui/table";

const THOUSAND = 1000;

interface GateProps {
  query: Asked<Explanation>;
  signal: Signal;
  className?: string;
}

/** What stands between the evidence and a position, line by line. */
export function Gate({ query, signal, className = "" }: GateProps) {
  return (
    <Panel
      title="Gate"
      query={query}
      empty=""
      rows={8}
      className={className}
      note={`what stands between the evidence and a position, ${kindOf(signal)}`}
      summary={(found) => {
        const blocking = found.what_if.reasons.filter((one) => one.blocks).length;
        return blocking > 0
          ? `${count(blocking)} ${blocking === 1 ? "forbids" : "forbid"} a position`
          : "a position is allowed";
      }}
    >
      {(found) => (
        <>
          <Reasons reasons={found.what_if.reasons} />
          <Sub
            title="Lines it was held against"
            note={`proof on n ${count(found.how.proof.outcomes)}, ${count(found.how.proof.days)} days, pool out of sample`}
          />
          <Lines lines={linesOf(found, signal)} />
          {found.how.proof.problem && (
            <p className="pt-1 font-semibold text-ink1">! {found.how.proof.problem}</p>
          )}
          <BacktestGate signal={signal} />
        </>
      )}
    </Panel>
  );
}

function Reasons({ reasons }: { reasons: Explanation["what_if"]["reasons"] }) {
  if (reasons.length === 0) return <p className="text-prose">Nothing stands against it.</p>;
  return (
    <ul>
      {reasons.map((one) => (
        <li
          key={one.code}
          className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 border-t border-hair py-1 text-body first:border-t-0"
        >
          <span className="min-w-0">
            <code className="text-ink1">{one.code}</code>{" "}
            <span className="text-ink1">{one.sentence}</span>
          </span>
          <LineVerdict is={one.blocks ? "fail" : "warn"} word={one.blocks ? "forbids" : "noted"} />
          {one.lift && <span className="col-span-2 text-ink3">lifted if: {one.lift}</span>}
        </li>
      ))}
    </ul>
  );
}

/** One figure that was held against a level. */
export interface GateLine {
  name: string;
  value: string;
  interval?: string;
  strip?: { low: number; high: number; value: number; threshold: number };
  needs: string;
  basis: string;
  is: "pass" | "fail" | "shown" | "open";
}

/** Each figure of the decision with the level it needed. */
export function linesOf({ how, what_if, why }: Explanation, signal: Signal): GateLine[] {
  const { proof } = how;
  const { costs } = what_if;
  const { fusion } = signal;
  const basisOf = `n ${count(proof.outcomes)}`;
  return [
    {
      name: "Gain over climatology, mnat a bar",
      value: signed(proof.gain * THOUSAND, 3),
      interval: `${interval(proof.low * THOUSAND, proof.high * THOUSAND, (x) => signed(x, 3))} 90 %`,
      strip: { low: proof.low, high: proof.high, value: proof.gain, threshold: 0 },
      needs: "clear of 0",
      basis: basisOf,
      is: proof.low > 0 ? "pass" : "fail",
    },
    {
      name: "No skill, p",
      value: proof.p_value < 0.0001 ? "< 0.0001" : number(proof.p_value, 4),
      needs: `< ${number(proof.level, 3)}`,
      basis: basisOf,
      is: proof.p_value < proof.level ? "pass" : "fail",
    },
    {
      name: "Pool's skill",
      value: proof.evidence.toLowerCase(),
      needs: "proven",
      basis: `${count(proof.days)} days`,
      is: proof.evidence === "PROVEN" ? "pass" : "fail",
    },
    {
      name: "Conviction",
      value: count(signal.conviction),
      needs: `≥ ${count(fusion.moderate)}, high ≥ ${count(fusion.high)}`,
      basis: why.tier,
      is: signal.conviction !== null && signal.conviction >= fusion.moderate ? "pass" : "fail",
    },
    {
      name: "Expected move, to its side",
      value: basis(costs.side_move),
      needs: `≥ ${basis(costs.needed)}`,
      basis: `round trip ${basis(costs.round_trip)}`,
      is: costs.pays ? "pass" : "fail",
    },
    {
      name: "Worth a constant lean of",
      value: proof.like_hits === null ? "–" : percent(proof.like_hits),
      needs: "–",
      basis: "right side",
      is: "shown",
    },
    {
      name: "Gain over its best member, mnat",
      value: signed(proof.over_best === null ? null : proof.over_best * THOUSAND, 3),
      needs: "–",
      basis: basisOf,
      is: "shown",
    },
    {
      name: "Gain over equal weights, mnat",
      value: signed(proof.over_equal === null ? null : proof.over_equal * THOUSAND, 3),
      needs: "–",
      basis: basisOf,
      is: "shown",
    },
  ];
}

function Lines({ lines }: { lines: readonly GateLine[] }) {
  return (
    <Table
      label="Gate lines"
      rows={lines}
      keyOf={(one) => one.name}
      isQuiet={(one) => one.is === "shown"}
      columns={[
        { key: "name", head: "Line", cell: (one) => one.name },
        {
          key: "value",
          head: "Value",
          isNumber: true,
          cell: (one) => (
            <>
              <span className={one.is === "shown" ? "" : "font-semibold text-ink1"}>
                {one.value}
              </span>
              {one.interval && <span className="block text-label text-ink3">{one.interval}</span>}
            </>
          ),
        },
        {
          key: "strip",
          head: <span className="whitespace-nowrap">90 %, level</span>,
          isMinor: true,
          cell: ({ strip, name }) =>
            strip && (
              <Strip
                {...strip}
                range={rangeOf(strip)}
                label={`${name}: ${strip.low > strip.threshold ? "interval clear of the level" : "interval holds the level"}`}
              />
            ),
        },
        { key: "needs", head: "Needs", cell: (one) => one.needs },
        { key: "basis", head: "Basis", isMinor: true, cell: (one) => one.basis },
        {
          key: "is",
          head: "Verdict",
          isNumber: true,
          cell: (one) => <LineVerdict is={one.is} />,
        },
      ]}
    />
  );
}

function rangeOf({ low, high, threshold }: NonNullable<GateLine["strip"]>): [number, number] {
  const [from, to] = [Math.min(low, threshold), Math.max(high, threshold)];
  const pad = (to - from) * 0.15;
  return [from - pad, to + pad];
}
