import { Link } from "@tanstack/react-router";
import { memo } from "react";

import { Decision } from "@/features/board/decision";
import { changeOf, type Row } from "@/features/board/model";
import type { Spot } from "@/features/board/moving";
import { Spotted } from "@/features/board/spotted";
import { exact, price, signedPercent } from "@/lib/format";
import { Changed } from "@/ui/changed";
import { Change } from "@/ui/direction";

interface LineProps {
  row: Row;
  at: number;
  timeframes: readonly string[];
  focus: number | null;
  onFocus: (spot: Spot) => void;
  showsSpan: boolean;
  isClosed: boolean;
}

/** One row; drawn again only if one of its series or its focus changed. */
export const Line = memo(function Line(props: LineProps) {
  const { row, at, timeframes, focus, onFocus, showsSpan, isClosed } = props;
  const { newest, longest } = row;
  const change = changeOf(longest);
  const quiet = isClosed ? "text-ink3" : "text-ink1";
  return (
    <tr className="h-10 border-t border-hair">
      <th scope="row" className="sticky left-0 z-10 bg-panel pr-2 pl-3 text-left">
        <Link
          to="/symbol/$symbol/$timeframe"
          params={{ symbol: row.symbol, timeframe: newest.timeframe }}
          data-spot={`${at}:0`}
          tabIndex={focus === 0 ? 0 : -1}
          onFocus={() => onFocus({ row: at, column: 0 })}
          className="inline-flex min-h-6 items-center text-symbol font-semibold text-ink1"
        >
          {row.symbol}
        </Link>
      </th>
      <td className={`px-1 text-right whitespace-nowrap ${quiet}`}>
        <Changed value={newest.last_price}>
          <span title={`${exact(newest.last_price)}, close of the ${newest.timeframe} bar`}>
            {price(newest.last_price, row.decimals)}
          </span>
        </Changed>
      </td>
      <td
        className="pr-3 pl-1 text-right whitespace-nowrap"
        title={`close on close of the last ${longest.timeframe} bar`}
      >
        {isClosed ? (
          <span className="text-ink3">{signedPercent(change)}</span>
        ) : (
          <Change value={change} text={signedPercent(change)} />
        )}
        {showsSpan && <span className="text-label text-ink3"> {longest.timeframe}</span>}
      </td>
      {timeframes.map((timeframe, n) => (
        <Spotted
          key={timeframe}
          symbol={row.symbol}
          timeframe={timeframe}
          place={row.places.get(timeframe)}
          row={at}
          column={n + 1}
          isFocus={focus === n + 1}
          onFocus={onFocus}
        />
      ))}
      <td className="max-w-0 pr-3 pl-2">
        {row.leading?.signal ? (
          <Link
            to="/signal/$id"
            params={{ id: row.leading.signal.id }}
            data-spot={`${at}:${timeframes.length + 1}`}
            tabIndex={focus === timeframes.length + 1 ? 0 : -1}
            onFocus={() => onFocus({ row: at, column: timeframes.length + 1 })}
            className="block"
          >
            <Decision place={row.leading} />
          </Link>
        ) : (
          <Decision place={null} />
        )}
      </td>
    </tr>
  );
}, isSame);

function isSame(before: LineProps, after: LineProps): boolean {
  return (
    before.at === after.at &&
    before.focus === after.focus &&
    before.onFocus === after.onFocus &&
    before.showsSpan === after.showsSpan &&
    before.isClosed === after.isClosed &&
    before.timeframes.join() === after.timeframes.join() &&
    before.row.places.size === after.row.places.size &&
    [...after.row.places].every(([key, place]) => before.row.places.get(key) === place)
  );
}
