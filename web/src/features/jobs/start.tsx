import { useJobAction, useKinds, useSchedule } from "@/features/jobs/questions";
import { useNow } from "@/lib/now";
import { usePreferences } from "@/lib/preferences";
import { short, until, zoneLabel, zoneName } from "@/lib/time";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";
import { Words } from "@/ui/words";

/** Every kind of job, what it does, when it is due by itself, and a button that starts it. */
export function Start({ onStarted }: { onStarted: (id: string) => void }) {
  const kinds = useKinds();
  const { act, isBusy, error } = useJobAction();
  return (
    <Panel title="Start a job" query={kinds} empty="No kind of job is known." rows={6}>
      {(rows) => (
        <>
          {error && (
            <p role="alert" className="pb-2 text-prose text-alarm">
              {error.detail}
            </p>
          )}
          <Table
            label="Kinds of jobs"
            rows={rows}
            keyOf={(kind) => kind.name}
            columns={[
              {
                key: "name",
                head: "Kind",
                cell: (kind) => <span className="font-semibold text-ink1">{kind.name}</span>,
              },
              { key: "said", head: "Does", cell: (kind) => <Words>{kind.said}</Words> },
              {
                key: "when",
                head: "By itself, UTC",
                cell: (kind) => <code className="whitespace-nowrap">{kind.when ?? "–"}</code>,
                isMinor: true,
              },
              {
                key: "start",
                head: <span className="sr-only">Start</span>,
                isNumber: true,
                cell: (kind) =>
                  kind.arguments.some((one) => one.default === null && one.name === "text") ? (
                    <code>assay jobs run</code>
                  ) : (
                    <Button
                      disabled={isBusy}
                      aria-label={`Start ${kind.name}`}
                      onClick={() =>
                        act({ start: kind.name }, { onSuccess: (job) => onStarted(job.id) })
                      }
                    >
                      Start
                    </Button>
                  ),
              },
            ]}
          />
        </>
      )}
    </Panel>
  );
}

/** What is due next by itself. */
export function Schedule() {
  const schedule = useSchedule();
  const now = useNow();
  const { zone } = usePreferences();
  const name = zoneName(zone);
  return (
    <Panel
      title="Due next"
      query={schedule}
      isEmpty={(found) => found.items.length === 0}
      empty="Nothing is scheduled."
    >
      {(found) => (
        <Table
          label="Due next"
          rows={found.items}
          keyOf={(one) => `${one.kind} ${one.when}`}
          columns={[
            {
              key: "kind",
              head: "Kind",
              cell: (one) => <span className="text-ink1">{one.kind}</span>,
            },
            {
              key: "at",
              head: `At, ${zoneLabel(now, name)}`,
              cell: (one) => short(one.at, name),
              isNumber: true,
            },
            {
              key: "in",
              head: "In",
              cell: (one) => (one.at ? until(one.at, now) : "–"),
              isNumber: true,
            },
          ]}
        />
      )}
    </Panel>
  );
}
