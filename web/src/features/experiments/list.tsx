import {
  Drawn,
  metricWord,
  rangeOf,
  Told,
  verdictWord,
  writeMetric,
} from "@/features/experiments/figures";
import { type Run, useRuns } from "@/features/experiments/questions";
import { count } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { short, zoneLabel, zoneName } from "@/lib/time";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { type Column, Table } from "@/ui/table";
import { signs } from "@/ui/words";

const MARKS: Record<string, string> = { finished: "✓", failed: "✕", running: "▸", aborted: "–" };
export const MOST = 20;

interface ListProps {
  selected: string | undefined;
  chosen: readonly string[];
  onChoose: (id: string) => void;
  onOpen: (id: string) => void;
  family: string;
  onFamily: (family: string) => void;
}

/** Every run, the newest first; failed and stopped ones stay, and count like any other. */
export function Runs({ selected, chosen, onChoose, onOpen, family, onFamily }: ListProps) {
  const found = useRuns();
  const { zone } = usePreferences();
  const families = [...new Set(found.data?.map((one) => one.family) ?? [])].sort();
  return (
    <Panel
      title="Runs"
      note="one row each, failed ones too"
      query={found}
      rows={8}
      empty={
        <>
          No experiment was run yet: launch one here, or run <code>assay experiment run</code>. A
          small one takes less than a minute.
        </>
      }
      summary={
        <label className="flex items-center gap-2">
          Family
          <select
            value={family}
            onChange={(event) => onFamily(event.target.value)}
            className="min-h-6 rounded-control border border-control bg-inset px-1 text-ink1"
          >
            <option value="">all</option>
            {families.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      }
    >
      {(rows) => {
        const shown = rows.filter((one) => !family || one.family === family);
        return (
          <>
            <Table<Run>
              label="Runs of experiments"
              rows={shown}
              keyOf={(one) => one.id}
              onOpen={(one) => onOpen(one.id)}
              isCurrent={(one) => one.id === selected}
              isQuiet={(one) => one.status !== "finished"}
              columns={columnsOf(shown, zoneName(zone), chosen, onChoose, selected !== undefined)}
            />
            {found.hasMore && (
              <Button className="mt-2" onClick={found.more}>
                Show more
              </Button>
            )}
          </>
        );
      }}
    </Panel>
  );
}

function columnsOf(
  rows: readonly Run[],
  zone: string,
  chosen: readonly string[],
  onChoose: (id: string) => void,
  isBeside: boolean,
): Column<Run>[] {
  const range = rangeOf(rows.map((one) => one.net_sharpe));
  const wide: Column<Run>[] = [
    {
      key: "when",
      head: `Begun, ${zoneLabel(new Date(0), zone)}`,
      cell: (one) => <span className="whitespace-nowrap">{short(one.started_at, zone)}</span>,
      isMinor: true,
    },
    {
      key: "primary",
      head: "Judged by",
      isMinor: true,
      cell: (one) =>
        one.primary_metric === "net_sharpe"
          ? metricWord(one.primary_metric)
          : `${metricWord(one.primary_metric)}${one.primary === null ? "" : ` ${writeMetric(one.primary_metric)(one.primary)}`}`,
    },
  ];
  return [
    {
      key: "choose",
      head: <span className="sr-only">Compare</span>,
      cell: (one) => (
        <label
          className="inline-flex size-6 items-center justify-center max-tablet:size-11"
          onClick={(event) => event.stopPropagation()}
          onKeyDown={(event) => event.key === "Enter" && event.stopPropagation()}
        >
          <input
            type="checkbox"
            className="size-4 accent-ink2"
            checked={chosen.includes(one.id)}
            disabled={!chosen.includes(one.id) && chosen.length >= MOST}
            onChange={() => onChoose(one.id)}
            aria-label={`Compare ${one.title}, ${one.id.slice(0, 12)}`}
          />
        </label>
      ),
    },
    {
      key: "run",
      head: "Run",
      cell: (one) => (
        <>
          <span className={one.status === "finished" ? "font-semibold text-ink1" : ""}>
            {one.title}
          </span>
          <span className="block text-label text-ink3">
            {one.family}, trial {count(one.no)}
            {one.status !== "finished" && <span className="tablet:hidden">, {one.status}</span>}
          </span>
        </>
      ),
    },
    ...(isBeside ? [] : wide.slice(0, 1)),
    {
      key: "state",
      head: "State",
      cell: (one) => (
        <>
          <span className="whitespace-nowrap">
            <span aria-hidden="true">{MARKS[one.status] ?? "◦"} </span>
            {one.status}
          </span>
          {one.reason && <span className="block max-w-80 text-label">{signs(one.reason)}</span>}
        </>
      ),
      isMinor: true,
    },
    {
      key: "strip",
      head: "95 %, tick = 0",
      isMinor: true,
      cell: (one) => (one.net_sharpe ? <Drawn one={one.net_sharpe} range={range} /> : "–"),
    },
    {
      key: "sharpe",
      head: "Net Sharpe",
      cell: (one) => (one.net_sharpe ? <Told one={one.net_sharpe} /> : "–"),
    },
    ...(isBeside ? [] : wide.slice(1)),
    {
      key: "trials",
      head: "Tried in family",
      cell: (one) => count(one.tried_in_family),
      isNumber: true,
      isMinor: true,
    },
    {
      key: "gate",
      head: "Gate",
      cell: (one) => (
        <span className={`whitespace-nowrap ${one.verdict === "FAIL" ? "text-alarm" : ""}`}>
          {verdictWord(one.verdict)}
        </span>
      ),
    },
  ];
}
