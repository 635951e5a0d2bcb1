import { useState } from "react";

import type { Timeframe } from "@/api/queries";
import { exactly } from "@/charts/candles/bars";
import { ReplayBanner } from "@/features/symbol/banner";
import { ChartPanel } from "@/features/symbol/chart-panel";
import { type Named, useExchangeZone, useInstrument } from "@/features/symbol/data";
import { useFreeKeys } from "@/features/symbol/keys";
import { seconds } from "@/features/symbol/joined";
import { resolvedUntil } from "@/features/symbol/known";
import { pipOf } from "@/features/symbol/money";
import { useKnown, useScene, useSymbolData } from "@/features/symbol/page-data";
import { moved, useReplay } from "@/features/symbol/replay";
import { at, spokenBar } from "@/features/symbol/spoken";
import { staleness } from "@/features/symbol/stale";
import { SymbolBar } from "@/features/symbol/symbol-bar";
import { LENGTHS, lengthOf } from "@/features/symbol/timeframes";
import { Events, News } from "@/features/symbol/why-news";
import { Why } from "@/features/symbol/why";
import { exact } from "@/lib/format";
import { useNow } from "@/lib/now";
import { usePreferences } from "@/lib/preferences";
import { useShortcuts } from "@/lib/shortcuts";
import { zoneName } from "@/lib/time";
import { Button } from "@/ui/button";
import { Key } from "@/ui/key";

interface SymbolViewProps {
  named: Named;
  onTimeframe: (timeframe: Timeframe) => void;
  onSignal: (id: string) => void;
}

/** One series: its candles with all that is known of them, and why the newest signal is what it is. */
export function SymbolView({ named, onTimeframe, onSignal }: SymbolViewProps) {
  const { zone, letters } = usePreferences();
  const timeZone = zoneName(zone, useExchangeZone(named.symbol, zone === "exchange"));
  const instrument = useInstrument(named.symbol).data;
  const [sight, setSight] = useState<number | null>(null);
  const data = useSymbolData(named, instrument, sight);
  const whole = data.bars.series;
  const [cursor, setCursor] = useState<number | null>(null);
  const [member, setMember] = useState<string | null>(null);
  const [isTable, setTable] = useState(false);
  const [told, setTold] = useState("");
  const replay = useReplay(whole.bars, cursor);
  const { cut } = replay;
  const view = useKnown(named, data, cut, member);
  const { bars } = view.known.series;
  const here = cursor !== null && exactly(bars, cursor) >= 0 ? cursor : null;
  const scene = useScene(view, here, lengthOf(named.timeframe));
  const clock = useNow();
  const stale = staleness(whole, view.newest, instrument, named.timeframe, clock);
  const until = replay.isOn ? resolvedUntil(view.known.signals) : undefined;
  const pip = pipOf(instrument);

  const walk = (by: number) => {
    const next = moved(bars, here, by);
    setCursor(next);
    if (next === null) return;
    const signal = view.known.signals.find((one) => seconds(one.as_of) === next);
    const words = { name: "", bars, decimals: whole.decimals, timeZone };
    setTold(spokenBar(words, exactly(bars, next), signal));
  };
  const copy = () => {
    const bar = bars[exactly(bars, here ?? NaN)] ?? bars.at(-1);
    if (!bar) return;
    void navigator.clipboard
      .writeText(exact(bar.close))
      .then(() => setTold(`Copied ${exact(bar.close)}`))
      .catch(() => setTold("The browser does not let the page copy"));
  };
  const lengths = LENGTHS.filter(({ name }) =>
    instrument?.series.some((one) => one.timeframe === name),
  );
  useShortcuts(
    {
      ...Object.fromEntries(lengths.map(({ name, key }) => [key, () => onTimeframe(name)])),
      "[": () => walk(-1),
      "]": () => walk(1),
      r: replay.toggle,
      t: () => setTable((is) => !is),
      y: copy,
    },
    letters,
  );
  const open = () => view.newest && onSignal(view.newest.id);
  useFreeKeys({ Enter: open, ...(replay.isOn ? { Space: () => replay.step(1) } : {}) }, true);
  const isThere = whole.bars.length > 0;
  const stored = instrument?.series.find((one) => one.timeframe === named.timeframe);
  return (
    <div className="flex flex-col gap-2">
      <SymbolBar
        {...named}
        instrument={instrument}
        series={view.known.series}
        onTimeframe={onTimeframe}
      >
        <Button aria-pressed={replay.isOn} onClick={replay.toggle} disabled={!isThere}>
          Replay <Key>r</Key>
        </Button>
        <Button aria-pressed={isTable} disabled={!isThere} onClick={() => setTable(!isTable)}>
          {isTable ? "Chart" : "Table"} <Key>t</Key>
        </Button>
        <Button onClick={copy} disabled={!isThere} aria-label="Copy the exact close">
          Copy <Key>y</Key>
        </Button>
      </SymbolBar>
      {cut !== null && (
        <ReplayBanner
          replay={replay}
          at={at(cut, timeZone)}
          left={whole.bars.length - bars.length}
          corrections={stored?.corrections ?? 0}
        />
      )}
      <p aria-live="polite" className="sr-only">
        {told}
      </p>
      <div className="grid min-w-0 grid-cols-1 items-start gap-2 desktop:grid-cols-12">
        <ChartPanel
          named={named}
          query={data.bars}
          view={view}
          scene={scene}
          cursor={here}
          cut={cut}
          until={until}
          horizon={data.forecasts.data?.members[0]?.horizon_bars ?? 0}
          isTable={isTable}
          pip={pip}
          timeZone={timeZone}
          stale={replay.isOn ? undefined : stale.bars}
          onMember={setMember}
          onPick={setCursor}
          onRange={setSight}
          onEarlier={data.bars.earlier}
        />
        {(isThere || data.bars.isPending) && (
          <div className="min-w-0 desktop:col-span-3">
            <Why
              named={named}
              query={view.signal}
              isNone={data.track.data !== undefined && view.newest === undefined}
              stale={replay.isOn ? undefined : stale.signal}
              isReplay={replay.isOn}
              until={until}
              decimals={whole.decimals}
              pip={pip}
              timeZone={timeZone}
            >
              <Events events={view.known.events} now={scene.now} timeZone={timeZone} />
              <News pins={scene.pins} timeZone={timeZone} />
            </Why>
          </div>
        )}
      </div>
    </div>
  );
}
