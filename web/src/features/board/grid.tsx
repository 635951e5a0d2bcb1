import { Fragment } from "react";

import { Line } from "@/features/board/line";
import { type Group, type Row, TIMEFRAMES } from "@/features/board/model";
import { useMoving } from "@/features/board/moving";
import { classWord } from "@/lib/classes";
import { exact } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { Key } from "@/ui/key";

export interface GridProps {
  groups: readonly Group[];
  timeframes: readonly string[];
  /** Why a symbol is not traded now: `opens 22:00`. */
  closed: ReadonlyMap<string, string>;
}

const HEAD = "px-1 text-left font-normal text-ink3 whitespace-nowrap";

/** The board as a grid: a row a symbol, a column a timeframe. */
export function Grid({ groups, timeframes, closed }: GridProps) {
  const { letters } = usePreferences();
  const rows = groups.flatMap((group) => group.rows);
  const { grid, spot, setSpot, onKeyDown } = useMoving({
    rows: rows.length,
    columns: timeframes.length + 2,
    columnOf: (digit) => {
      const at = timeframes.indexOf(TIMEFRAMES[digit - 1] ?? "");
      return at < 0 ? null : at + 1;
    },
    letters,
    onCopy: ({ row, column }) => void copy(rows[row], column, timeframes),
  });
  const spans = new Set(rows.map((row) => row.longest.timeframe));
  return (
    <div className="relative overflow-x-auto">
      <table
        ref={grid}
        role="grid"
        aria-label="Conviction by symbol and timeframe"
        onKeyDown={onKeyDown}
        className="w-full border-collapse text-body"
      >
        <thead>
          <tr className="h-7">
            <th scope="col" className={`${HEAD} sticky left-0 bg-panel !pl-3`}>
              Symbol
            </th>
            <th scope="col" className={`${HEAD} text-right`}>
              Last
            </th>
            <th scope="col" className={`${HEAD} !pr-3 text-right`}>
              {spans.size === 1 ? `${[...spans][0] ?? ""} bar` : "Last bar"}
            </th>
            {timeframes.map((timeframe) => (
              <th key={timeframe} scope="col" className={HEAD}>
                {timeframe} <Key>{String(TIMEFRAMES.indexOf(timeframe as "1h") + 1)}</Key>
              </th>
            ))}
            <th scope="col" className={`${HEAD} w-full`}>
              <span className="block min-w-40 pl-1">Decision</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Fragment key={group.assetClass}>
              <tr className="h-6 border-t border-hair bg-inset">
                <th
                  colSpan={timeframes.length + 4}
                  scope="rowgroup"
                  className="px-3 text-left font-normal text-ink3"
                >
                  {classWord(group.assetClass)}
                  {closedNote(group, closed)}
                </th>
              </tr>
              {group.rows.map((row) => {
                const at = rows.indexOf(row);
                return (
                  <Line
                    key={row.symbol}
                    row={row}
                    at={at}
                    timeframes={timeframes}
                    focus={spot.row === at ? spot.column : null}
                    onFocus={setSpot}
                    showsSpan={spans.size > 1}
                    isClosed={closed.has(row.symbol)}
                  />
                );
              })}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** `, closed, opens 22:00`, where every symbol of the group is closed for the same reason. */
export function closedNote(group: Group, closed: ReadonlyMap<string, string>): string {
  const notes = new Set(group.rows.map((row) => closed.get(row.symbol) ?? ""));
  const [note] = notes;
  if (notes.size === 1) return note ? `, closed, ${note}` : "";
  const many = group.rows.filter((row) => closed.has(row.symbol)).length;
  return `, ${many} of ${group.rows.length} closed`;
}

async function copy(
  row: Row | undefined,
  column: number,
  timeframes: readonly string[],
): Promise<void> {
  if (!row) return;
  const place = row.places.get(timeframes[column - 1] ?? "") ?? row.leading;
  const value = column === 0 ? row.newest.last_price : place?.signal?.conviction;
  await navigator.clipboard?.writeText(exact(value)).catch(() => undefined);
}
