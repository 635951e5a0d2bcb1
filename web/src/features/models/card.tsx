import { type Card, useCard } from "@/features/models/questions";
import { number, signed } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { short, zoneLabel, zoneName } from "@/lib/time";
import { Panel } from "@/ui/panel";
import { Strip } from "@/ui/strip";
import { Table } from "@/ui/table";

/** The card of one model: what it is, what it learned from, and what the gate said line by line. */
export function ModelCard({ id }: { id: string }) {
  const card = useCard(id);
  const { zone } = usePreferences();
  const name = zoneName(zone);
  return (
    <Panel
      title={card.data ? `${card.data.member} ${card.data.timeframe}` : "Model"}
      note={<code>{id.slice(0, 12)}</code>}
      query={card}
      empty="There is no such model."
      summary={(one) => (one.simulated ? "learned from a simulated market" : one.family)}
    >
      {(one) => (
        <div className="flex flex-col gap-4">
          {one.quarantined && (
            <p role="alert" className="text-prose text-alarm">
              Set aside: {one.quarantined}
            </p>
          )}
          <Spans spans={one.trained?.spans ?? {}} zone={name} />
          {one.trained && <Facts title="Hyper-parameters" facts={one.trained.settings} />}
          {one.trained && <Facts title="Taught to foretell" facts={one.trained.label} />}
          {one.trained && <Facts title="Calibration" facts={one.trained.calibration} />}
          {one.trained && (
            <details>
              <summary className="min-h-6 font-semibold text-ink1">
                Reads {one.trained.features.columns.length} columns of {one.trained.features.count}{" "}
                features
              </summary>
              <p className="flex flex-wrap gap-x-3">
                {one.trained.features.columns.map((column) => (
                  <code key={column}>{column}</code>
                ))}
              </p>
            </details>
          )}
          {one.pooled && <Pool pooled={one.pooled} />}
          <GateLines lines={one.gate_lines} />
          {one.verdicts.length > 0 && (
            <Table
              label="Verdicts of the gate"
              rows={[...one.verdicts].reverse()}
              keyOf={(verdict) => verdict.at}
              columns={[
                { key: "at", head: zoneLabel(new Date(0), name), cell: (v) => short(v.at, name) },
                { key: "verdict", head: "Verdict", cell: (v) => v.verdict },
                { key: "reason", head: "Why", cell: (v) => v.reason },
              ]}
            />
          )}
        </div>
      )}
    </Panel>
  );
}

function Spans({ spans, zone }: { spans: NonNullable<Card["trained"]>["spans"]; zone: string }) {
  const rows = Object.entries(spans);
  if (rows.length === 0) return null;
  return (
    <Table
      label="Spans it learned from"
      rows={rows}
      keyOf={([span]) => span}
      columns={[
        { key: "span", head: "Span", cell: ([span]) => <span className="text-ink1">{span}</span> },
        { key: "from", head: "From", cell: ([, one]) => short(one.start, zone), isNumber: true },
        { key: "to", head: "To", cell: ([, one]) => short(one.end, zone), isNumber: true },
        { key: "rows", head: "Rows", cell: ([, one]) => number(one.rows, 0), isNumber: true },
      ]}
    />
  );
}

function Facts({ title, facts }: { title: string; facts: Record<string, unknown> }) {
  return (
    <section aria-label={title}>
      <h3 className="font-semibold text-ink1">{title}</h3>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4">
        {Object.entries(facts).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink3">{name.replaceAll("_", " ")}</dt>
            <dd className="min-w-0 break-words">
              <code>{typeof value === "string" ? value : JSON.stringify(value)}</code>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Pool({ pooled }: { pooled: NonNullable<Card["pooled"]> }) {
  return (
    <>
      <p className="text-prose">
        {pooled.evidence}: gain {signed(pooled.proof.gain * 1e4, 1)} ±{" "}
        {number(pooled.proof.gain_error * 1e4, 1)} e-4 nats a bar over climatology on{" "}
        {number(pooled.proof.days, 0)} days, p {number(pooled.proof.p_value, 3)};{" "}
        {number(pooled.effective_members, 1)} effective members.
      </p>
      <Table
        label="Members of the pool"
        rows={pooled.producers}
        keyOf={(one) => one.artefact}
        columns={[
          {
            key: "member",
            head: "Member",
            cell: (one) => (
              <span className="text-ink1">
                {one.member} {one.timeframe}
              </span>
            ),
          },
          { key: "family", head: "Family", cell: (one) => one.family },
          { key: "weight", head: "Weight", cell: (one) => number(one.weight, 2), isNumber: true },
          {
            key: "skill",
            head: "Skill, mnat",
            cell: (one) => `${signed(one.skill * 1000, 2)} ±${number(one.skill_error * 1000, 2)}`,
            isNumber: true,
          },
        ]}
      />
    </>
  );
}

const MARKS: Record<string, string> = {
  pass: "✓ pass",
  warn: "! warn",
  fail: "✕ fail",
  open: "◦ open",
};

function GateLines({ lines }: { lines: Card["gate_lines"] }) {
  if (lines.length === 0) return null;
  return (
    <Table
      label="The gate, line by line"
      rows={lines}
      keyOf={(line) => `${line.tier} ${line.check}`}
      columns={[
        {
          key: "check",
          head: "Line",
          cell: (line) => <span className="text-ink1">{line.check}</span>,
        },
        { key: "said", head: "Found", cell: (line) => line.sentence },
        {
          key: "strip",
          head: "Value, tick = threshold",
          isMinor: true,
          cell: (line) =>
            line.statistic == null || line.threshold == null ? (
              "–"
            ) : (
              <Strip
                low={null}
                high={null}
                value={line.statistic}
                threshold={line.threshold}
                range={around(line.statistic, line.threshold)}
                label={`${number(line.statistic, 3)} against ${number(line.threshold, 3)}`}
              />
            ),
        },
        {
          key: "verdict",
          head: "Verdict",
          cell: (line) => (
            <span
              className={
                line.passed === false ? "whitespace-nowrap text-alarm" : "whitespace-nowrap"
              }
            >
              {line.passed === null ? "– shown" : line.passed ? MARKS.pass : MARKS.fail}
            </span>
          ),
        },
      ]}
    />
  );
}

function around(a: number, b: number): [number, number] {
  const low = Math.min(a, b, 0);
  const high = Math.max(a, b, 0);
  const room = (high - low || 1) * 0.1;
  return [low - room, high + room];
}
