import type { Shapes } from "@/api/queries";
import { freshnessOf, type Line } from "@/features/desk/fresh";
import { count, percent } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { age, clock, day, zoneLabel, zoneName } from "@/lib/time";
import { type Asked, Panel } from "@/ui/panel";
import { type Column, Table } from "@/ui/table";

interface FreshnessProps {
  board: Asked<Shapes["BoardOut"]>;
  qualities: Asked<Shapes["QualityList"]>;
  closed: ReadonlyMap<string, string>;
  /** The market's own time, where it is a simulated one. */
  at: string | undefined;
}

/** How old the data are: a line a kind, and one for each series that is behind. */
export function Freshness({ board, qualities, closed, at }: FreshnessProps) {
  const zone = zoneName(usePreferences().zone);
  return (
    <Panel
      title="Data freshness"
      note={at ? "ages by the market's own time" : undefined}
      query={board}
      isEmpty={(found) => found.places.length === 0}
      empty={
        <p>
          No bars are stored. <code>assay data backfill</code> fetches some; one series takes
          seconds to minutes.
        </p>
      }
      summary={(found) => {
        const stale = found.places.filter((one) => one.is_stale).length;
        return `${count(found.places.length - stale)} of ${count(found.places.length)} signals current`;
      }}
    >
      {(found) => {
        const { lines, more } = freshnessOf(found, qualities.data?.items ?? [], closed, at);
        return (
          <>
            <Table
              label="Data freshness"
              rows={lines}
              columns={columnsOf(zone)}
              keyOf={(line) => line.name}
              isQuiet={(line) => line.isClosed || line.stale !== null}
            />
            <p className="pt-1 text-label text-ink3">
              {more > 0 && `${count(more)} more series behind. `}
              {zoneLabel(found.at, zone)}. Gaps: runs of missing bars in all that is stored
              {qualities.data?.looking ? "; still being counted" : ""}
              {qualities.error ? `; not known: ${qualities.error.detail}` : ""}.
            </p>
          </>
        );
      }}
    </Panel>
  );
}

function columnsOf(zone: string): Column<Line>[] {
  return [
    {
      key: "name",
      head: "Series",
      cell: (line) => (
        <>
          {line.name}
          {line.stale !== null && (
            <span className="block text-label whitespace-nowrap">
              <span className="rounded-control border border-dashed border-control px-1">
                signal STALE {line.stale}
              </span>
            </span>
          )}
          {line.source && <span className="block text-label text-ink3">{line.source}</span>}
        </>
      ),
    },
    {
      key: "last",
      head: "Last",
      isNumber: true,
      cell: (line) => `${day(line.last, zone)} ${clock(line.last, zone)}`,
    },
    {
      key: "age",
      head: "Age",
      isNumber: true,
      cell: (line) => (line.isClosed ? "closed" : age(line.seconds)),
    },
    {
      key: "gaps",
      head: "Gaps",
      isNumber: true,
      cell: (line) => (
        <span
          title={
            line.coverage === null
              ? ""
              : `${percent(line.coverage, 2)} of the expected bars are there`
          }
        >
          {count(line.gaps)}
        </span>
      ),
    },
  ];
}
