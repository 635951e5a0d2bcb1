import type { Shapes } from "@/api/queries";
import { Cards } from "@/features/board/cards";
import { Grid } from "@/features/board/grid";
import { groupsOf, staleOf, summaryOf, TIMEFRAMES, timeframesOf } from "@/features/board/model";
import { count } from "@/lib/format";
import { useNarrow } from "@/lib/narrow";
import { usePreferences } from "@/lib/preferences";
import { clock, day, zoneLabel, zoneName } from "@/lib/time";
import { Key } from "@/ui/key";
import { type Asked, Panel } from "@/ui/panel";

interface BoardProps {
  query: Asked<Shapes["BoardOut"]>;
  /** Why a symbol is not traded now, by symbol. */
  closed: ReadonlyMap<string, string>;
  className?: string;
}

/** The conviction board: what was said last of every series. */
export function Board({ query, closed, className = "" }: BoardProps) {
  const isNarrow = useNarrow();
  const zone = zoneName(usePreferences().zone);
  return (
    <Panel
      title="Conviction board"
      className={className}
      query={query}
      stale={query.data && staleOf(query.data.places)}
      rows={12}
      bare
      isEmpty={(board) => board.places.length === 0}
      empty={
        <p className="px-3 pb-2">
          No bars are stored yet. <code>assay demo</code> builds a simulated market and trains on it
          in three to five minutes; <code>assay data backfill</code> fetches real bars.
        </p>
      }
      note={(board) => noteOf(board, zone)}
      summary={(board) => summaryOf(board.places)}
    >
      {(board) => {
        const props = {
          groups: groupsOf(board.places),
          timeframes: timeframesOf(board.places),
          closed,
        };
        return (
          <>
            {board.problems.map((problem) => (
              <p key={problem} role="alert" className="px-3 pb-1 text-alarm">
                ✕ {problem}
              </p>
            ))}
            {isNarrow ? <Cards {...props} /> : <Grid {...props} />}
            <Legend isNarrow={isNarrow} />
          </>
        );
      }}
    </Panel>
  );
}

function noteOf(board: Shapes["BoardOut"], zone: string): string {
  const symbols = new Set(board.places.map((one) => one.symbol)).size;
  const lengths = timeframesOf(board.places).length;
  const newest = board.places
    .map((one) => one.last_bar_at)
    .sort()
    .at(-1);
  const closed = newest
    ? `, bar closed ${day(newest, zone)} ${clock(newest, zone)} ${zoneLabel(newest, zone)}`
    : "";
  const simulated = board.places.some((one) => one.simulated) ? ", simulated" : "";
  return `${count(symbols)} symbols x ${lengths} of ${TIMEFRAMES.length} timeframes${closed}${simulated}`;
}

function Legend({ isNarrow }: { isNarrow: boolean }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-hair px-3 py-2 text-ink3">
      <span>
        Conviction 0 to 100: where the pool&#39;s log-odds stand in their own history, times how far
        its members agree.
      </span>
      {isNarrow && <span>Rise: how likely, if the price moves; dashed: too old.</span>}
      {!isNarrow && (
        <>
          <span className="inline-flex items-center gap-2">
            <svg width={30} height={10} aria-hidden="true">
              <line x1={0} x2={30} y1={5} y2={5} stroke="currentColor" strokeDasharray="2 3" />
              <line x1={18} x2={18} y1={1} y2={9} stroke="currentColor" strokeWidth={2} />
            </svg>
            dashed: skill not proven out of sample
          </span>
          <span>▲▼ against the usual share of rises, which need not be 50 %</span>
          <span className="ml-auto inline-flex items-center gap-1 whitespace-nowrap">
            <Key>j</Key>
            <Key>k</Key> row <Key>h</Key>
            <Key>l</Key> timeframe <Key>Enter</Key> why <Key>y</Key> copy
          </span>
        </>
      )}
    </div>
  );
}
