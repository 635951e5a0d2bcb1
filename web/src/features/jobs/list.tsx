import type { Job, State } from "@/features/jobs/questions";
import { useJobs } from "@/features/jobs/questions";
import { usePreferences } from "@/lib/preferences";
import { short, zoneLabel, zoneName } from "@/lib/time";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { type Column, Table } from "@/ui/table";

const MARKS: Record<State, string> = {
  queued: "◦",
  running: "▸",
  done: "✓",
  failed: "✕",
  cancelled: "–",
};

/** How far a job is, in words. */
export function standing(job: Job): string {
  if (job.error) return job.error;
  if (job.outcome) return job.outcome;
  if (job.cancel_asked && job.state === "running") return "is being stopped";
  if (job.progress) return `${job.progress.what}, ${job.progress.done} of ${job.progress.total}`;
  return job.state === "queued" ? "waits for its turn" : "";
}

export function JobState({ state }: { state: State }) {
  const ink =
    state === "failed" ? "text-alarm" : state === "running" ? "text-ink1 font-semibold" : "";
  return (
    <span className={`whitespace-nowrap ${ink}`}>
      <span aria-hidden="true">{MARKS[state]} </span>
      {state}
    </span>
  );
}

/** The queue and what was done, the newest first. */
export function JobList({
  state,
  onState,
  selected,
  onOpen,
}: {
  state: State | null;
  onState: (state: State | null) => void;
  selected: string | undefined;
  onOpen: (id: string) => void;
}) {
  const jobs = useJobs(state);
  const { zone } = usePreferences();
  const name = zoneName(zone);
  const columns: Column<Job>[] = [
    { key: "kind", head: "Job", cell: (job) => <span className="text-ink1">{job.kind}</span> },
    { key: "state", head: "State", cell: (job) => <JobState state={job.state} /> },
    { key: "what", head: "Standing", cell: standing, isMinor: true },
    {
      key: "asked",
      head: `Asked, ${zoneLabel(new Date(0), name)}`,
      cell: (job) => short(job.asked_at, name),
      isNumber: true,
    },
  ];
  return (
    <Panel
      title="Jobs"
      query={jobs}
      rows={8}
      empty={
        <>
          No job{state ? ` is ${state}` : " yet"}: start one at the right, or wait for the schedule.
        </>
      }
      summary={
        <label className="flex items-center gap-2">
          Show
          <select
            value={state ?? ""}
            onChange={(event) => onState((event.target.value || null) as State | null)}
            className="min-h-6 rounded-control border border-control bg-inset px-1 text-ink1"
          >
            <option value="">all</option>
            {Object.keys(MARKS).map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      }
    >
      {(rows) => (
        <>
          <Table
            label="Jobs"
            rows={rows}
            columns={columns}
            keyOf={(job) => job.id}
            onOpen={(job) => onOpen(job.id)}
            isCurrent={(job) => job.id === selected}
            isQuiet={(job) => job.state === "cancelled"}
          />
          {jobs.hasMore && (
            <Button className="mt-2" onClick={jobs.more}>
              Show more
            </Button>
          )}
        </>
      )}
    </Panel>
  );
}
