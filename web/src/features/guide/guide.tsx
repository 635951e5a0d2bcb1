import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { answered, ProblemError, service } from "@/api/client";
import { type Shapes, useAsked } from "@/api/queries";
import type { Step } from "@/features/guide/steps";
import { percent } from "@/lib/format";
import { prefer } from "@/lib/preferences";
import { Button } from "@/ui/button";
import { Frame } from "@/ui/panel";

const OFTEN = 5_000;

/** The first run: four lines that tick off, each with its command or the button that starts it. */
export function Guide({ steps, canStart }: { steps: readonly Step[]; canStart: boolean }) {
  const jobs = useAsked(
    ["jobs", "guide"],
    () => answered(service.GET("/api/v1/jobs", { params: { query: { limit: 50 } } })),
    { every: OFTEN },
  );
  const next = steps.find((step) => !step.isDone && !step.isFree);
  const done = steps.filter((step) => step.isDone).length;
  return (
    <Frame
      title="First run"
      note="from an empty workspace to the first signal"
      summary={
        <>
          {done} of {steps.length} done
          <Button kind="quiet" onClick={() => prefer({ guided: true })}>
            Do not show again
          </Button>
        </>
      }
    >
      <ol>
        {steps.map((step, n) => (
          <Line
            key={step.key}
            step={step}
            no={n + 1}
            isNext={step === next}
            canStart={canStart}
            job={newestOf(jobs.data?.items ?? [], step.job)}
          />
        ))}
      </ol>
    </Frame>
  );
}

function newestOf(jobs: readonly Shapes["JobOut"][], kind: string | null) {
  return kind === null ? undefined : jobs.find((one) => one.kind === kind);
}

interface LineProps {
  step: Step;
  no: number;
  isNext: boolean;
  canStart: boolean;
  job: Shapes["JobOut"] | undefined;
}

function Line({ step, no, isNext, canStart, job }: LineProps) {
  const ink = step.isDone ? "text-ink3" : "text-ink1";
  return (
    <li
      aria-current={isNext ? "step" : undefined}
      className={`grid grid-cols-[24px_1fr] gap-x-2 border-t border-hair py-3 first:border-t-0 tablet:grid-cols-[24px_1fr_auto] ${isNext ? "shadow-[inset_2px_0_var(--accent)]" : ""} pl-2`}
    >
      <span className={`text-symbol ${step.isDone ? "text-ink1" : "text-ink3"}`}>
        <span aria-hidden="true">{step.isDone ? "✓" : no}</span>
        <span className="sr-only">{step.isDone ? "done:" : `step ${no}:`}</span>
      </span>
      <div className="min-w-0">
        <h3 className={`text-symbol font-semibold ${ink}`}>
          {step.title}
          {step.isFree && !step.isDone && (
            <span className="text-body font-normal text-ink3"> may be left out</span>
          )}
        </h3>
        <p className="text-prose">{step.said}</p>
        <p className="text-body text-ink3">
          <code className="text-ink2 select-all">{step.command}</code>, {step.takes}
        </p>
        {job && !step.isDone && <State job={job} />}
      </div>
      {step.job && !step.isDone && (
        <div className="max-tablet:col-start-2 max-tablet:mt-2">
          <Start step={step} kind={step.job} isNext={isNext} canStart={canStart} job={job} />
        </div>
      )}
    </li>
  );
}

/** How the newest job of a line is. */
function State({ job }: { job: Shapes["JobOut"] }) {
  const { progress } = job;
  const words =
    job.state === "running" && progress
      ? `${progress.what}, ${percent(progress.done / Math.max(1, progress.total), 0)}`
      : (job.error ?? job.outcome ?? job.state);
  return (
    <p role="status" className="text-body">
      <Link to="/jobs/$id" params={{ id: job.id }} className="underline">
        {job.kind}
      </Link>{" "}
      <span className={job.error ? "text-alarm" : "text-ink1"}>
        {job.state}: {words}
      </span>
    </p>
  );
}

interface StartProps {
  step: Step;
  kind: string;
  isNext: boolean;
  canStart: boolean;
  job: Shapes["JobOut"] | undefined;
}

function Start({ step, kind, isNext, canStart, job }: StartProps) {
  const client = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const isOn = job?.state === "queued" || job?.state === "running";
  const start = async () => {
    setBusy(true);
    setWrong(null);
    try {
      await answered(service.POST("/api/v1/jobs", { body: { kind, arguments: {} } }));
      await client.invalidateQueries({ queryKey: ["jobs"] });
    } catch (error) {
      setWrong(error instanceof ProblemError ? error.detail : "It could not be sent; try again.");
    } finally {
      setBusy(false);
    }
  };
  if (!canStart) return <p className="text-ink3">Starting it needs the scope research.</p>;
  if (step.waits) return <p className="text-ink3">{step.waits}</p>;
  return (
    <>
      <Button
        kind={isNext ? "primary" : "plain"}
        disabled={isBusy || isOn}
        onClick={() => void start()}
      >
        {isOn ? "Under way" : `Start ${kind}`}
      </Button>
      {wrong && (
        <p role="alert" className="max-w-80 pt-1 text-body text-alarm">
          {wrong}
        </p>
      )}
    </>
  );
}
