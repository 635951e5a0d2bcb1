import { Link } from "@tanstack/react-router";

import { useSync } from "@/features/data/questions";
import { Button } from "@/ui/button";

/** A button that fetches what is missing, of some symbols or of all that is configured. */
export function Sync({
  symbols = [],
  kind = "plain",
}: {
  symbols?: string[];
  kind?: "plain" | "primary";
}) {
  const { sync, isBusy, error, job } = useSync();
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Button kind={kind} disabled={isBusy} onClick={() => sync(symbols)}>
        {symbols.length > 0 ? `Sync ${symbols.join(", ")}` : "Sync everything"}
      </Button>
      {error && (
        <p role="alert" className="text-prose text-alarm">
          {error.detail}
        </p>
      )}
      {job && !error && (
        <p role="status" className="text-body">
          {job.state}, as the job{" "}
          <Link
            to="/jobs/$id"
            params={{ id: job.id }}
            className="inline-flex min-h-6 items-center text-ink1 underline decoration-control underline-offset-2"
          >
            {job.id}
          </Link>
        </p>
      )}
    </div>
  );
}
