import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { JobList } from "@/features/jobs/list";
import { OneJob } from "@/features/jobs/one";
import type { State } from "@/features/jobs/questions";
import { Schedule, Start } from "@/features/jobs/start";

/** Queue and history, one of them, and what can be started. */
export default function JobsPage() {
  const { id } = useParams({ strict: false });
  const navigate = useNavigate();
  const [state, setState] = useState<State | null>(null);
  const open = (one: string) => void navigate({ to: "/jobs/$id", params: { id: one } });
  return (
    <div className="grid items-start gap-2 desktop:grid-cols-[5fr_4fr]">
      <div className="flex min-w-0 flex-col gap-2">
        <JobList state={state} onState={setState} selected={id} onOpen={open} />
        <Schedule />
      </div>
      <div className="flex min-w-0 flex-col gap-2">
        {id && <OneJob key={id} id={id} />}
        <Start onStarted={open} />
      </div>
    </div>
  );
}
