import { Link } from "@tanstack/react-router";
import { useId, useState } from "react";

import { useLaunch } from "@/features/experiments/questions";
import { Button } from "@/ui/button";
import { Frame } from "@/ui/panel";

/** Start experiments from a text in YAML; it becomes a job. */
export function Launch() {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState("");
  const { launch, isBusy, error, job } = useLaunch();
  const id = useId();
  const go = () => launch(text, { onSuccess: () => setOpen(false) });
  return (
    <Frame
      title="Launch"
      note="an experiment is a question in YAML; each run of it counts as a trial"
      summary={
        !isOpen && (
          <Button kind="primary" onClick={() => setOpen(true)}>
            Launch
          </Button>
        )
      }
    >
      {job && !isOpen && (
        <p role="status" className="text-prose">
          It was started as the job{" "}
          <Link
            to="/jobs/$id"
            params={{ id: job.id }}
            className="text-ink1 underline decoration-control underline-offset-2"
          >
            {job.id}
          </Link>
          .
        </p>
      )}
      {isOpen && (
        <form
          className="flex flex-col gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            go();
          }}
        >
          <label htmlFor={id} className="text-ink3">
            The experiment, in YAML. <code>assay experiment list --library</code> names some to
            begin with; <code>first-steps</code> explains every key.
          </label>
          <textarea
            id={id}
            value={text}
            rows={14}
            spellCheck={false}
            aria-invalid={error !== null}
            onChange={(event) => setText(event.target.value)}
            className="w-full rounded-control border border-control bg-inset p-2 font-code text-label text-ink1"
          />
          {error && (
            <p role="alert" className="text-prose text-alarm">
              {error.detail}
            </p>
          )}
          <div className="flex gap-2">
            <Button kind="primary" type="submit" disabled={isBusy || text.trim() === ""}>
              Run it
            </Button>
            <Button onClick={() => setOpen(false)}>Not now</Button>
          </div>
        </form>
      )}
    </Frame>
  );
}
