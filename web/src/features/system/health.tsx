import { useSystem } from "@/api/queries";
import { type Finding, useExamination } from "@/features/system/questions";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

const MARKS: Record<string, string> = { ok: "✓", info: "–", warn: "!", fail: "✕" };

/** Line by line whether everything is in order, what is wrong first. */
export function Health() {
  const examination = useExamination();
  const order = ["fail", "warn", "info", "ok"];
  return (
    <Panel
      title="Health"
      note="every store, model and the journal, checked while you wait"
      query={examination}
      isEmpty={() => false}
      empty=""
      rows={8}
      summary={
        <>
          {examination.data && (examination.data.sound ? "sound" : "something failed")}
          <Button onClick={examination.refetch} disabled={examination.isPending}>
            Examine
          </Button>
        </>
      }
    >
      {(found) => (
        <Table<Finding>
          label="Health"
          rows={[...found.findings].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))}
          keyOf={(one) => `${one.name} ${one.sentence}`}
          columns={[
            {
              key: "state",
              head: "State",
              cell: (one) => (
                <span
                  className={`whitespace-nowrap ${one.state === "fail" ? "text-alarm" : one.state === "warn" ? "font-semibold text-ink1" : ""}`}
                >
                  <span aria-hidden="true">{MARKS[one.state] ?? "◦"} </span>
                  {one.state}
                </span>
              ),
            },
            {
              key: "name",
              head: "What",
              cell: (one) => <span className="text-ink1">{one.name}</span>,
            },
            { key: "said", head: "How it is", cell: (one) => one.sentence },
          ]}
        />
      )}
    </Panel>
  );
}

/** What runs here, in which versions. */
export function Versions() {
  const system = useSystem();
  return (
    <Panel title="This service" query={system} empty="">
      {(found) => (
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          {[
            ["Assay", found.assay],
            ["Python", found.python],
            ["Machine", `${found.platform}, ${found.processors} processors`],
            ["Database", `${found.database}, schema ${found.schema ?? "–"}`],
            ["Series of bars", `${found.series}${found.simulated ? ", all simulated" : ""}`],
            ...Object.entries(found.libraries),
          ].map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink3">{name}</dt>
              <dd className="min-w-0 break-words text-ink1">{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}
