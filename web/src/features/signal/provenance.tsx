import { LineVerdict, Holds, Row } from "@/features/signal/parts";
import type { Explanation } from "@/features/signal/questions";
import { count, exact, hash, number, signed } from "@/lib/format";
import { day, short, zoneLabel } from "@/lib/time";
import { type Asked, Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

type Source = Explanation["how"]["sources"][number];
const THOUSAND = 1000;

interface ProvenanceProps {
  query: Asked<Explanation>;
  timeZone: string;
  className?: string;
}

/** What it was made of: the bars it saw and the models that spoke, each checked now. */
export function Provenance({ query, timeZone, className = "" }: ProvenanceProps) {
  return (
    <Panel
      title="Provenance"
      query={query}
      empty=""
      rows={8}
      className={className}
      note="bars and models, checked as this was shown"
      summary={({ how }) => {
        const good = how.sources.filter((one) => one.state === "verified").length;
        return `${count(good)} of ${count(how.sources.length)} models verified`;
      }}
    >
      {({ how }) => (
        <>
          <Bars seen={how.seen} simulated={how.simulated} timeZone={timeZone} />
          <div className="pt-2">
            <Table
              label="Models that spoke"
              rows={how.sources}
              keyOf={(one) => one.artefact}
              isQuiet={(one) => one.weight === 0}
              columns={[
                { key: "member", head: "Member", cell: (one) => `${one.member} ${one.timeframe}` },
                {
                  key: "artefact",
                  head: "Model",
                  cell: (one) => <code title={one.artefact}>{hash(one.artefact)}</code>,
                },
                { key: "train", head: "Learned from", isMinor: true, cell: (one) => learned(one) },
                {
                  key: "skill",
                  head: "Skill, mnat",
                  isNumber: true,
                  isMinor: true,
                  cell: (one) => (
                    <span title={exact(one.skill)}>
                      {signed(one.skill * THOUSAND, 2)} ±{number(one.skill_error * THOUSAND, 2)}
                    </span>
                  ),
                },
                {
                  key: "state",
                  head: "Now",
                  isNumber: true,
                  cell: (one) => (
                    <span title={one.problem ?? undefined}>
                      <LineVerdict
                        is={one.state === "verified" ? "pass" : "fail"}
                        word={one.problem ?? one.state}
                      />
                    </span>
                  ),
                },
              ]}
            />
          </div>
        </>
      )}
    </Panel>
  );
}

/** `4 Jan 2016 to 3 Jan 2019, 16,138 rows`, in UTC as the spans are kept. */
function learned(one: Source): string {
  const { train } = one.spans;
  if (!train) return "–";
  const year = (at: string) => `${day(at)} ${at.slice(0, 4)}`;
  const rows = train.rows == null ? "" : `, ${count(train.rows)} rows`;
  return `${year(train.start)} to ${year(train.end)}${rows}`;
}

function Bars({
  seen,
  simulated,
  timeZone,
}: {
  seen: Explanation["how"]["seen"];
  simulated: boolean;
  timeZone: string;
}) {
  return (
    <dl className="text-body">
      <Row label="Bars">
        {count(seen.bars)}, {short(seen.first, timeZone)} to {short(seen.last, timeZone)}{" "}
        {zoneLabel(seen.last, timeZone)}
        {simulated && ", of a simulated market"}
      </Row>
      <Row label="Fingerprint">
        <code title={seen.fingerprint}>{hash(seen.fingerprint)}</code>{" "}
        <Holds is={seen.same} yes={seen.sentence} no={seen.sentence} />
      </Row>
      {seen.corrections.map((one) => (
        <Row key={one.known_at} label="Corrected">
          {short(one.known_at, timeZone)}: {count(one.rows)} rows from {short(one.first, timeZone)}
          {one.reason && `, ${one.reason}`}
        </Row>
      ))}
    </dl>
  );
}
