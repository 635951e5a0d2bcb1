import { Link } from "@tanstack/react-router";

import type { Line, Signal } from "@/features/signal/questions";
import { count } from "@/lib/format";
import { Key } from "@/ui/key";

export interface Around {
  place: number;
  of: number;
  before: Line | undefined;
  after: Line | undefined;
}

/** Which signals of the series stand before and after one, by the bars they were made on. */
export function around(series: readonly Line[] | undefined, id: string): Around | undefined {
  const place = series?.findIndex((one) => one.id === id) ?? -1;
  if (!series || place < 0) return undefined;
  return {
    place: place + 1,
    of: series.length,
    before: series[place - 1],
    after: series[place + 1],
  };
}

interface StepsProps {
  signal: Signal;
  around: Around | undefined;
  copied: boolean;
  onStep: (id: string) => void;
  onCopy: () => void;
}

const BUTTON =
  "inline-flex min-h-6 items-center gap-1 rounded-control px-1 text-body text-ink2 hover:bg-raised hover:text-ink1 disabled:text-ink3 disabled:hover:bg-transparent max-tablet:min-h-11";

/** To the signals before and after it, to its chart, and its exact values to the clipboard. */
export function Steps({ signal, around: place, copied, onStep, onCopy }: StepsProps) {
  const step = (one: Line | undefined) => () => one && onStep(one.id);
  return (
    <nav
      aria-label="Around this signal"
      className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-hair pt-2 text-body text-ink3"
    >
      <button
        type="button"
        className={BUTTON}
        disabled={!place?.before}
        onClick={step(place?.before)}
      >
        <Key>[</Key> previous
      </button>
      <button
        type="button"
        className={BUTTON}
        disabled={!place?.after}
        onClick={step(place?.after)}
      >
        <Key>]</Key> next
      </button>
      {place && (
        <span>
          {count(place.place)} of {count(place.of)} of {signal.symbol} {signal.timeframe}
          {place.after && ", not the newest"}
        </span>
      )}
      <span className="ml-auto flex flex-wrap items-center gap-x-3">
        <span role="status">{copied && "✓ copied"}</span>
        <button type="button" className={BUTTON} onClick={onCopy}>
          <Key>y</Key> copy exact values
        </button>
        <Link
          to="/symbol/$symbol/$timeframe"
          params={{ symbol: signal.symbol, timeframe: signal.timeframe }}
          className={BUTTON}
        >
          on the chart
        </Link>
        <Link to="/signal" className={BUTTON}>
          all signals
        </Link>
      </span>
    </nav>
  );
}
