import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { Decision } from "@/features/board/decision";
import type { GridProps } from "@/features/board/grid";
import {
  changeOf,
  convictionOf,
  type Place,
  probabilityOf,
  type Row,
  strongestFirst,
} from "@/features/board/model";
import { count, interval, number, percent, price, signedPercent } from "@/lib/format";
import { Button } from "@/ui/button";
import { spoken } from "@/ui/cell";
import { Changed } from "@/ui/changed";
import { Change } from "@/ui/direction";
import { fillOf, Marks } from "@/ui/tier";

const FIRST = 7;

/** The board on a phone: a card a symbol, the strongest first. */
export function Cards({ groups, timeframes, closed }: GridProps) {
  const [showsAll, setShowsAll] = useState(false);
  const rows = strongestFirst(groups);
  const shown = showsAll ? rows : rows.slice(0, FIRST);
  return (
    <>
      <p className="px-3 pb-1 text-ink3">
        {count(shown.length)} of {count(rows.length)}, strongest first
      </p>
      {hasHead(timeframes) && (
        <div
          aria-hidden="true"
          className="sticky top-12 z-10 grid gap-1 border-t border-hair bg-inset px-3 py-1 text-label text-ink3"
          style={columnsOf(timeframes)}
        >
          {timeframes.map((timeframe) => (
            <span key={timeframe} className="px-1.5">
              {timeframe}
            </span>
          ))}
        </div>
      )}
      <ul>
        {shown.map((row) => (
          <Card
            key={row.symbol}
            row={row}
            timeframes={timeframes}
            closed={closed.get(row.symbol)}
          />
        ))}
      </ul>
      {rows.length > FIRST && (
        <div className="border-t border-hair p-3">
          <Button onClick={() => setShowsAll(!showsAll)}>
            {showsAll ? "Show the strongest" : `Show all ${count(rows.length)}`}
          </Button>
        </div>
      )}
    </>
  );
}

const MOST = 6;
const FOLDED = 4;

/** Up to six timeframes stand beside each other, their names above; more are folded. */
function hasHead(timeframes: readonly string[]): boolean {
  return timeframes.length <= MOST;
}

function columnsOf(timeframes: readonly string[]) {
  const many = hasHead(timeframes) ? Math.max(3, timeframes.length) : FOLDED;
  return { gridTemplateColumns: `repeat(${many}, minmax(0, 1fr))` };
}

interface CardProps {
  row: Row;
  timeframes: readonly string[];
  closed: string | undefined;
}

function Card({ row, timeframes, closed }: CardProps) {
  const change = changeOf(row.longest);
  const { leading } = row;
  return (
    <li className="border-t border-hair px-3 py-2">
      <div className="flex items-start justify-between gap-2">
        <h3 className="min-w-0 font-normal">
          <Link
            to="/symbol/$symbol/$timeframe"
            params={{ symbol: row.symbol, timeframe: row.newest.timeframe }}
            className="-my-3 py-3 text-symbol font-semibold text-ink1"
          >
            {row.symbol}
          </Link>{" "}
          <Changed value={row.newest.last_price} className="text-prose text-ink1">
            {price(row.newest.last_price, row.decimals)}
          </Changed>{" "}
          <span className="whitespace-nowrap">
            <Change value={change} text={signedPercent(change)} />{" "}
            <span className="text-label text-ink3">{row.longest.timeframe}</span>
          </span>
          <span className="block text-label text-ink3">
            {leading ? leadingLine(leading) : "no signal yet"}
            {closed && `; closed, ${closed}`}
          </span>
        </h3>
        <span className="min-w-0 max-w-2/5 shrink-0">
          <Decision place={leading} isShort />
        </span>
      </div>
      <ul className="mt-1 grid gap-1" style={columnsOf(timeframes)}>
        {timeframes.map((timeframe) => (
          <li key={timeframe}>
            <Small
              symbol={row.symbol}
              timeframe={timeframe}
              place={row.places.get(timeframe)}
              names={!hasHead(timeframes)}
            />
          </li>
        ))}
      </ul>
    </li>
  );
}

/** `1h rise 53.1 % [50.0, 56.2] 90 %`. */
function leadingLine({ signal, timeframe }: Place): string {
  if (!signal) return "";
  const range = interval(signal.low * 100, signal.high * 100, (value) => number(value, 1));
  return `${timeframe} rise ${percent(signal.probability)} ${range} 90 %`;
}

const SHORT: Record<string, string> = {
  MODERATE: "MOD",
  DIVERGENT: "DIV",
  "no evidence": "no evid.",
};

function Small({
  symbol,
  timeframe,
  place,
  names,
}: {
  symbol: string;
  timeframe: string;
  place: Place | undefined;
  names: boolean;
}) {
  const one = convictionOf(place);
  const ground = one.missing
    ? "text-ink3"
    : one.stale
      ? "border border-dashed border-control text-ink3"
      : fillOf(one.tier, one.side);
  const said = one.missing ?? one.stale ?? one.tier ?? "";
  const word = SHORT[said] ?? said;
  const face = (
    <span
      className={`flex h-11 flex-col justify-center overflow-hidden rounded-control px-1 whitespace-nowrap ${ground}`}
    >
      <span className={`text-symbol ${one.stale ? "" : "font-semibold"}`}>
        {one.missing ? (
          "–"
        ) : (
          <>
            {!one.stale && (
              <span className="text-label">
                <Marks tier={one.tier} side={one.side} />
              </span>
            )}
            {count(one.score)}
          </>
        )}
      </span>
      <span className="truncate text-label">
        {names && `${timeframe} `}
        {word}
      </span>
    </span>
  );
  if (!place) return <span aria-label={`${symbol} ${timeframe}, not stored`}>{face}</span>;
  const named = { "aria-label": `${symbol} ${timeframe}, ${spoken(one)}`, className: "block" };
  return place.signal ? (
    <Link
      to="/signal/$id"
      params={{ id: place.signal.id }}
      title={probabilityOf(place.signal)}
      {...named}
    >
      <Changed value={place.signal.id} className="block">
        {face}
      </Changed>
    </Link>
  ) : (
    <Link to="/symbol/$symbol/$timeframe" params={{ symbol, timeframe }} {...named}>
      {face}
    </Link>
  );
}
