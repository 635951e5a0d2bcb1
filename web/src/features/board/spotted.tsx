import { Link } from "@tanstack/react-router";
import { memo } from "react";

import { convictionOf, type Place, probabilityOf } from "@/features/board/model";
import type { Spot } from "@/features/board/moving";
import { exact } from "@/lib/format";
import { Cell, spoken } from "@/ui/cell";
import { Changed } from "@/ui/changed";

interface SpottedProps {
  symbol: string;
  timeframe: string;
  place: Place | undefined;
  row: number;
  column: number;
  isFocus: boolean;
  onFocus: (spot: Spot) => void;
}

/** One cell; drawn again only if its series or the focus changed. */
export const Spotted = memo(function Spotted(props: SpottedProps) {
  const { symbol, timeframe, place, row, column, isFocus, onFocus } = props;
  const one = convictionOf(place);
  const signal = place?.signal ?? null;
  const shared = {
    "data-spot": `${row}:${column}`,
    tabIndex: isFocus ? 0 : -1,
    onFocus: () => onFocus({ row, column }),
  };
  const drawn = (
    <Changed value={signal?.id ?? null} className="block">
      <Cell one={one} />
    </Changed>
  );
  if (!place) {
    return (
      <td {...shared} className="w-24 p-0.5" aria-label={`${symbol} ${timeframe}, not stored`}>
        {drawn}
      </td>
    );
  }
  const named = {
    "aria-label": `${symbol} ${timeframe}, ${spoken(one)}`,
    className: "block w-23 rounded-control",
    ...shared,
  };
  return (
    <td className="w-24 p-0.5">
      {signal ? (
        <Link
          to="/signal/$id"
          params={{ id: signal.id }}
          title={`${exact(signal.conviction)}; ${probabilityOf(signal)}`}
          {...named}
        >
          {drawn}
        </Link>
      ) : (
        <Link to="/symbol/$symbol/$timeframe" params={{ symbol, timeframe }} {...named}>
          {drawn}
        </Link>
      )}
    </td>
  );
});
