import { Link } from "@tanstack/react-router";

import { useLine } from "@/api/live";
import { useBoard, useSystem } from "@/api/queries";
import { useNow } from "@/lib/now";
import { usePreferences } from "@/lib/preferences";
import { age, full, short, zoneName } from "@/lib/time";
import { Key } from "@/ui/key";

/** Mark, trading state, search, what kind of data this is, freshness and the time. */
export function Header({ onSearch }: { onSearch: () => void }) {
  const now = useNow();
  const { zone } = usePreferences();
  const system = useSystem();
  const newest = newestOf(useBoard().data?.places ?? [], system.data?.simulated ?? false);
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center gap-3 border-b border-hair bg-panel px-3">
      <Link to="/" className="flex items-center gap-2 text-symbol font-semibold text-ink1">
        <img src="/mark.svg" alt="" width={18} height={18} />
        <span className="max-tablet:sr-only">Assay</span>
      </Link>
      <span
        className="rounded-control border border-control px-2 py-0.5 text-label text-ink1"
        title="Signals are issued and recorded; no broker is connected, so no order can be sent."
      >
        SIGNALS ONLY
      </span>
      <button
        type="button"
        onClick={onSearch}
        className="flex min-h-7 items-center gap-6 rounded-control border border-control px-3 text-ink2 hover:bg-raised max-desktop:ml-auto max-tablet:min-h-11"
      >
        <span className="max-tablet:sr-only">Symbol or command</span>
        <span className="flex gap-1">
          <Key>/</Key>
          <span className="max-tablet:hidden">
            <Key>Ctrl K</Key>
          </span>
        </span>
      </button>
      <span className="ml-auto flex items-center gap-3 max-desktop:ml-0">
        {system.data?.simulated && (
          <span className="rounded-control border border-dashed border-control px-2 py-0.5 text-label text-ink2">
            SIMULATED
          </span>
        )}
        <span className="text-ink3 max-desktop:hidden">{newest}</span>
        <time dateTime={now.toISOString()} className="text-ink2 max-tablet:hidden">
          {full(now, zoneName(zone))}
        </time>
      </span>
    </header>
  );
}

/** How old the newest bar is; of a simulated market, when it is there. */
function newestOf(places: readonly { last_bar_at: string }[], isSimulated: boolean): string {
  const last = places
    .map((one) => one.last_bar_at)
    .sort()
    .at(-1);
  if (last === undefined) return "";
  if (isSimulated) return `market time ${short(last)} UTC`;
  return `newest bar closed ${short(last)} UTC`;
}

/** One strip under the header while there is no line: how old what is shown is. */
export function Banner() {
  const line = useLine();
  const now = useNow();
  if (line.status === "live" || line.brokenAt === null) return null;
  const since = (now.getTime() - line.brokenAt) / 1000;
  if (since < 2) return null;
  return (
    <div
      role="status"
      className="border-b border-dashed border-control bg-inset px-3 py-1 text-ink1"
    >
      The line to the service broke {age(since)} ago
      {line.seq !== null && ` at message ${line.seq}`}; try {line.attempt}. What is shown is from
      then; on return, what was missed is fetched.
    </div>
  );
}
