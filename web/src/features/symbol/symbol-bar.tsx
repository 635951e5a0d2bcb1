import type { ReactNode } from "react";

import type { Shapes, Timeframe } from "@/api/queries";
import { dayChange, type Series } from "@/features/symbol/joined";
import { inParts, moveOf, pipOf, shareOf } from "@/features/symbol/money";
import { LENGTHS } from "@/features/symbol/timeframes";
import { Change } from "@/ui/direction";

const CLASSES: Record<string, string> = {
  fx: "spot FX",
  metal: "metal",
  crypto: "crypto",
  equity: "share",
  etf: "ETF",
  index: "index",
  future: "future",
  commodity: "commodity",
};

interface SymbolBarProps {
  symbol: string;
  timeframe: Timeframe;
  instrument: Shapes["InstrumentOut"] | undefined;
  series: Series;
  onTimeframe: (timeframe: Timeframe) => void;
  children: ReactNode;
}

/** What it is, where it stands, and the lengths of bars there are. */
export function SymbolBar({
  symbol,
  timeframe,
  instrument,
  series,
  onTimeframe,
  children,
}: SymbolBarProps) {
  const stored = new Set(instrument?.series.map((one) => one.timeframe));
  const what = instrument && CLASSES[instrument.asset_class];
  return (
    <section
      aria-label="Symbol"
      className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-panel border border-hair bg-panel px-3 py-2"
    >
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h1 className="text-headline font-semibold text-ink1">{symbol}</h1>
        {instrument && (
          <span className="text-body text-ink3">
            {instrument.base} in {instrument.quote}, {what ?? instrument.asset_class},{" "}
            {instrument.venue}
          </span>
        )}
        <Price instrument={instrument} series={series} />
      </div>
      <div className="ml-auto flex flex-wrap items-center gap-2 max-tablet:ml-0">
        <div
          role="group"
          aria-label="Length of bar"
          className="flex rounded-control border border-control"
        >
          {LENGTHS.map(({ name, key }) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === timeframe}
              disabled={!stored.has(name)}
              title={stored.has(name) ? undefined : `No ${name} bars of ${symbol} are stored`}
              onClick={() => onTimeframe(name)}
              className="flex min-h-7 min-w-7 items-center justify-center gap-1 border-b-2 border-transparent px-2 text-body text-ink2 hover:not-disabled:bg-raised disabled:cursor-not-allowed disabled:text-ink3 aria-pressed:border-accent aria-pressed:bg-raised aria-pressed:font-semibold aria-pressed:text-ink1 max-tablet:min-h-11 max-tablet:px-2"
            >
              {name}
              <kbd aria-hidden="true" className="text-key text-ink3 max-tablet:hidden">
                {key}
              </kbd>
            </button>
          ))}
        </div>
        {children}
      </div>
    </section>
  );
}

function Price({ instrument, series }: Pick<SymbolBarProps, "instrument" | "series">) {
  const last = series.bars.at(-1);
  if (!last) return null;
  const pip = pipOf(instrument);
  const [big, small] = inParts(last.close, series.decimals, pip);
  const moved = dayChange(series.bars);
  return (
    <>
      <span className="text-headline font-semibold text-ink1">
        {big}
        <span className="text-symbol">{small}</span>
      </span>
      {moved && (
        <span className="text-body">
          <Change
            value={moved.to - moved.from}
            text={`${moveOf(moved.to - moved.from, pip, series.decimals)} ${shareOf(moved.from, moved.to)}`}
          />{" "}
          <span className="text-ink3">24 h{series.simulated && ", simulated"}</span>
        </span>
      )}
    </>
  );
}
