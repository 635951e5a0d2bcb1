import { Holds } from "@/features/signal/parts";
import { type Explanation, useVerify } from "@/features/signal/questions";
import { count, hash } from "@/lib/format";
import { clock, full, zoneLabel } from "@/lib/time";
import { Button } from "@/ui/button";
import { type Asked, Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

const STAGES: Record<string, string> = {
  view: "phase 1 sealed",
  conviction: "fusion revealed",
  verdict: "phase 2 verdict",
  signal: "decision",
  outcome: "outcome",
};

/** The signal's entries in the journal, and whether they are what was written. */
export function Proof({
  query,
  timeZone,
  className = "",
}: {
  query: Asked<Explanation>;
  timeZone: string;
  className?: string;
}) {
  return (
    <Panel
      title="Journal proof"
      query={query}
      empty=""
      rows={6}
      className={className}
      note="hash chain"
      summary={({ how }) => (
        <Holds is={how.journal.intact} yes="checked as this was shown" no="broken" />
      )}
    >
      {({ how: { journal } }) => (
        <>
          <Table
            label="Journal entries"
            rows={journal.entries}
            keyOf={(one) => String(one.no)}
            columns={[
              { key: "no", head: "Entry", isNumber: true, cell: (one) => count(one.no) },
              {
                key: "stage",
                head: "What",
                cell: (one) => <span className="text-ink1">{STAGES[one.stage] ?? one.stage}</span>,
              },
              {
                key: "at",
                head: zoneLabel(journal.entries[0]?.at ?? new Date(), timeZone),
                isNumber: true,
                cell: (one) => (
                  <span title={full(one.at, timeZone)}>{clock(one.at, timeZone, true)}</span>
                ),
              },
              {
                key: "hash",
                head: "Hash",
                isNumber: true,
                cell: (one) => (
                  <code className="text-ink1" title={one.digest}>
                    {hash(one.digest)}
                  </code>
                ),
              },
            ]}
          />
          <ul className="flex flex-col gap-0.5 pt-2 text-body">
            <li>
              <Holds
                is={journal.sealed_first}
                yes="the blind view was sealed before anything the models said"
                no="the view was not sealed first"
              />
            </li>
            <li>
              <Holds is={journal.seal_holds} yes="the seal holds" no="the seal does not hold" />
            </li>
            <li>
              <Holds
                is={journal.intact}
                yes={`all ${count(journal.read)} entries are what was written`}
                no={journal.problem ?? "the journal is damaged"}
              />
            </li>
          </ul>
          <Verify timeZone={timeZone} />
        </>
      )}
    </Panel>
  );
}

/** Reads the whole journal again when asked to, and says what it found. */
function Verify({ timeZone }: { timeZone: string }) {
  const { data, at, error, isBusy, verify } = useVerify();
  return (
    <div className="flex flex-col items-start gap-2 pt-2">
      <Button onClick={verify} disabled={isBusy}>
        Verify here
      </Button>
      <div role="status" className="text-body">
        {isBusy && "reading every entry"}
        {!isBusy && error && <span className="font-semibold text-alarm">✕ {error.detail}</span>}
        {!isBusy && !error && data && (
          <>
            <Holds
              is={data.intact}
              yes={`${count(data.entries)} entries read at ${clock(new Date(at), timeZone, true)} ${zoneLabel(new Date(at), timeZone)}: chain, head and signals are what was written`}
              no={data.problem?.sentence ?? "it is not what was written"}
            />
            {data.head && (
              <span className="block text-label text-ink3">
                head {count(data.head.no)}{" "}
                <code className="break-all select-all">{data.head.digest}</code>
              </span>
            )}
            {data.notes.map((one) => (
              <span key={one} className="block text-ink3">
                {one}
              </span>
            ))}
          </>
        )}
      </div>
    </div>
  );
}
