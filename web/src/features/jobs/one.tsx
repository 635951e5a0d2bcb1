import { Curve } from "@/charts/curve";
import { JobState, standing } from "@/features/jobs/list";
import { useJob, useJobAction } from "@/features/jobs/questions";
import { number } from "@/lib/format";
import { useNow } from "@/lib/now";
import { usePreferences } from "@/lib/preferences";
import { age, clock, zoneName } from "@/lib/time";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";

const ENDS = new Set(["done", "failed", "cancelled"]);

/** One job: how far it is, its loss curves, what it said, and what can be done about it. */
export function OneJob({ id }: { id: string }) {
  const job = useJob(id);
  const { act, isBusy, error } = useJobAction();
  const now = useNow();
  const { zone } = usePreferences();
  const name = zoneName(zone);
  return (
    <Panel
      title={job.data?.kind ?? "Job"}
      note={<code>{id}</code>}
      query={job}
      empty="There is no such job."
      summary={(one) => <JobState state={one.state} />}
    >
      {(one) => (
        <div className="flex flex-col gap-3">
          <p className="text-prose text-ink1">{standing(one)}</p>
          {one.progress && !ENDS.has(one.state) && (
            <div className="flex items-center gap-3">
              <progress
                aria-label={one.progress.what}
                max={Math.max(1, one.progress.total)}
                value={one.progress.done}
                className="h-1 w-full max-w-100 accent-ink2"
              />
              <span className="whitespace-nowrap">
                {one.progress.seconds_left == null
                  ? "time left not known yet"
                  : `about ${age(one.progress.seconds_left)} left`}
              </span>
            </div>
          )}
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
            <dt className="text-ink3">Asked by</dt>
            <dd>{one.asked_by}</dd>
            <dt className="text-ink3">Attempt</dt>
            <dd>
              {one.attempts} of {one.most_attempts}
            </dd>
            {one.started_at && (
              <>
                <dt className="text-ink3">{one.ended_at ? "Took" : "Runs for"}</dt>
                <dd>{age(seconds(one.started_at, one.ended_at ?? now))}</dd>
              </>
            )}
            {Object.keys(one.arguments).length > 0 && (
              <>
                <dt className="text-ink3">With</dt>
                <dd className="min-w-0 break-words">
                  <code>{JSON.stringify(one.arguments)}</code>
                </dd>
              </>
            )}
          </dl>
          {error && (
            <p role="alert" className="text-prose text-alarm">
              {error.detail}
            </p>
          )}
          <div className="flex gap-2">
            {!ENDS.has(one.state) && (
              <Button disabled={isBusy || one.cancel_asked} onClick={() => act({ cancel: id })}>
                Cancel
              </Button>
            )}
            {(one.state === "failed" || one.state === "cancelled") && (
              <Button disabled={isBusy} onClick={() => act({ retry: id })}>
                Try again
              </Button>
            )}
          </div>
          {[...new Set(one.losses.map((loss) => loss.what))].map((what) => {
            const own = one.losses.filter((loss) => loss.what === what);
            return (
              <Curve
                key={what}
                title={`Loss of ${what}`}
                x={own.map((loss) => loss.epoch)}
                xName="epoch"
                series={[
                  { name: "training", values: own.map((loss) => loss.loss ?? null) },
                  {
                    name: "held out",
                    values: own.map((loss) => loss.held_loss ?? null),
                    isDashed: true,
                  },
                ]}
                write={(value) => number(value, 4)}
              />
            );
          })}
          {one.lines.length > 0 && (
            <section aria-label="What it said">
              <ol className="max-h-80 overflow-y-auto rounded-control bg-inset p-2" tabIndex={0}>
                {one.lines.map((line) => (
                  <li key={line.no} className="flex gap-3">
                    <time className="whitespace-nowrap text-ink3" dateTime={line.at}>
                      {clock(line.at, name, true)}
                    </time>
                    <span className="min-w-0 break-words">{line.text}</span>
                  </li>
                ))}
              </ol>
            </section>
          )}
        </div>
      )}
    </Panel>
  );
}

function seconds(from: string, to: string | Date): number {
  return (new Date(to).getTime() - new Date(from).getTime()) / 1000;
}
