import { type ReactNode, useEffect, useId, useState } from "react";

import { useNow } from "@/lib/now";
import { age, clock } from "@/lib/time";
import { Button } from "@/ui/button";

/** What a panel needs to know of a query. */
export interface Asked<Data> {
  data: Data | undefined;
  error: Problem | null;
  isPending: boolean;
  dataUpdatedAt: number;
  refetch: () => unknown;
}

/** What the service said went wrong. */
export interface Problem {
  detail: string;
  status: number;
  id: string | null;
}

interface FrameProps {
  title: string;
  note?: ReactNode;
  summary?: ReactNode;
  className?: string;
  /** `STALE 65 min`, where what is shown is too old. */
  stale?: string | undefined;
  isWrong?: boolean;
  bare?: boolean;
  children: ReactNode;
}

/** A panel without a question behind it. */
export function Frame({
  title,
  note,
  summary,
  stale,
  isWrong,
  bare,
  className = "",
  children,
}: FrameProps) {
  const id = useId();
  const edge = isWrong ? "border-alarm" : stale ? "border-dashed border-control" : "border-hair";
  return (
    <section
      aria-labelledby={id}
      className={`flex min-w-0 flex-col rounded-panel border bg-panel ${edge} ${className}`}
    >
      <header className="flex flex-wrap items-baseline gap-x-2 px-3 pt-2 pb-1">
        <h2 id={id} className="text-body font-semibold text-ink1">
          {title}
        </h2>
        {note && <span className="text-body text-ink3">{note}</span>}
        <span className="ml-auto flex items-center gap-2 text-body text-ink3">
          {stale && (
            <span className="rounded-control border border-dashed border-control px-1 text-label">
              STALE {stale}
            </span>
          )}
          {summary}
        </span>
      </header>
      <div className={`min-h-0 grow ${bare ? "" : "px-3 pb-3"}`}>{children}</div>
    </section>
  );
}

interface PanelProps<Data> extends Omit<FrameProps, "children" | "isWrong" | "summary" | "note"> {
  query: Asked<Data>;
  /** What is missing, and the command or button that fills it. */
  empty: ReactNode;
  isEmpty?: (data: Data) => boolean;
  /** Rows of its final height, for the grey lines. */
  rows?: number;
  note?: ReactNode | ((data: Data) => ReactNode);
  summary?: ReactNode | ((data: Data) => ReactNode);
  children: (data: Data) => ReactNode;
}

/** A panel over a question: it draws loading, error, empty and stale; the page only says what. */
export function Panel<Data>({
  query,
  empty,
  isEmpty = (data) => Array.isArray(data) && data.length === 0,
  rows = 4,
  note,
  summary,
  children,
  ...frame
}: PanelProps<Data>) {
  const { data } = query;
  const shown = (part: PanelProps<Data>["note"]) =>
    typeof part === "function" ? data !== undefined && part(data) : part;
  return (
    <Frame
      {...frame}
      note={shown(note)}
      summary={query.error ? `✕ ${query.error.status || "no answer"}` : shown(summary)}
      isWrong={query.error !== null}
    >
      {query.error && <Wrong query={query} isBare={frame.bare ?? false} />}
      {data === undefined ? (
        query.isPending && !query.error && <Waiting rows={rows} />
      ) : isEmpty(data) ? (
        <div className="py-2 text-prose">{empty}</div>
      ) : (
        children(data)
      )}
    </Frame>
  );
}

/** Nothing for 200 ms, then still grey lines. */
function Waiting({ rows }: { rows: number }) {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-3 py-2">
      {Array.from({ length: rows }, (_, n) => (
        <span
          key={n}
          className={`h-3 rounded-control ${isLong ? "bg-raised" : ""} ${["w-3/5", "w-4/5", "w-2/5"][n % 3]}`}
        />
      ))}
    </div>
  );
}

function Wrong({ query, isBare }: { query: Asked<unknown>; isBare: boolean }) {
  const now = useNow();
  const { error, dataUpdatedAt } = query;
  if (!error) return null;
  return (
    <div
      role="alert"
      className={`flex flex-col items-start gap-2 py-2 text-prose text-ink1 ${isBare ? "px-3" : ""}`}
    >
      <p>{error.detail}</p>
      <p className="text-label text-ink3">
        {dataUpdatedAt > 0 && (
          <>
            What is shown is from {clock(new Date(dataUpdatedAt), "UTC", true)} UTC,{" "}
            {age((now.getTime() - dataUpdatedAt) / 1000)} old.{" "}
          </>
        )}
        {error.id && (
          <>
            Id <code className="select-all">{error.id}</code>
          </>
        )}
      </p>
      <Button onClick={() => query.refetch()}>Try now</Button>
    </div>
  );
}
