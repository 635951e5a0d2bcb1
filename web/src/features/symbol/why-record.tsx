import { type Named, type Signal, useGate, useRecord } from "@/features/symbol/data";
import { Row, Section } from "@/features/symbol/why-parts";
import { count, percent, signed } from "@/lib/format";
import { Figure } from "@/ui/figure";

interface RecordProps {
  named: Named;
  signal: Signal;
  until: string | null | undefined;
}

/** What came of earlier signals of this tier on these bars, net of costs. */
export function PastHere({ named, signal, until }: RecordProps) {
  const record = useRecord(named, "tier", until);
  const { data } = record;
  const groups = data?.groups.filter((one) => one.name === signal.tier) ?? [];
  return (
    <Section
      title="Past signals here, net"
      note={`${signal.tier ?? "no tier"}, ${named.timeframe}`}
    >
      {until === null && <p className="text-prose">No outcome was known by then.</p>}
      {record.error && <p role="alert">{record.error.detail}</p>}
      {data && groups.length === 0 && (
        <p className="text-prose">
          No outcome out of sample of this tier here yet
          {data.left_out > 0 &&
            `; ${count(data.left_out)} in sample are left out, the pool had learnt from them`}
          .
        </p>
      )}
      {groups.map((one) => (
        <dl key={one.kind}>
          <Row label="Hit rate">
            <Figure
              estimate={one.hit_rate}
              write={(x) => percent(x)}
              kind={one.kind}
              against={0.5}
              reason="none leant to a side that came"
            />
          </Row>
          <Row label="Mean result, taken">
            <Figure
              estimate={one.r}
              write={(x) => `${signed(x)} R`}
              kind={one.kind}
              against={0}
              reason="none was taken"
            />
          </Row>
          <Row
            label={`Withheld, ${count(one.withheld.missed)} missed, ${count(one.withheld.spared)} spared`}
          >
            <Figure
              estimate={one.withheld.r}
              write={(x) => `${signed(x)} R`}
              kind={`${one.kind}, hypothetical`}
              against={0}
              reason="none was withheld"
            />
          </Row>
        </dl>
      ))}
      {groups.some(holdsNothing) && (
        <p className="text-body text-ink3">
          The interval holds a coin&apos;s 50 %: not yet proven on this series.
        </p>
      )}
    </Section>
  );
}

function holdsNothing(one: { hit_rate: { low: number | null; high: number | null } }): boolean {
  const { low, high } = one.hit_rate;
  return low !== null && high !== null && low <= 0.5 && high >= 0.5;
}

/** What the gate said of the newest backtest of this series, in a line. */
export function GateLine({ named }: { named: Named }) {
  const { data, error } = useGate(named);
  const verdict = data?.verdict;
  const lines = verdict?.lines ?? [];
  const passed = lines.filter((one) => one.passed === true).length;
  const failed = lines.filter((one) => one.passed === false);
  const open = lines.filter((one) => one.passed === null).length;
  return (
    <Section
      title="Gate"
      note={verdict && `${verdict.verdict}${verdict.simulated ? ", simulated" : ""}`}
    >
      {error && <p role="alert">{error.detail}</p>}
      {data && !verdict && (
        <p className="text-prose">
          {data.trial === null
            ? "No backtest of this series is there to judge."
            : "Its newest backtest was not put before the gate: "}
          {data.trial && <code>{data.trial}</code>}
        </p>
      )}
      {verdict && (
        <p className="text-prose text-ink1">
          {count(passed)} pass,{" "}
          <span className={failed.length > 0 ? "text-alarm" : ""}>{count(failed.length)} fail</span>
          , {count(open)} open
          {failed[0] && `: ${failed[0].sentence}`}
        </p>
      )}
    </Section>
  );
}
