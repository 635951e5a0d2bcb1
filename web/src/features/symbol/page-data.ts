/** Everything the page shows of a series, cut to what was known, and the scene made of it. */
import { useEffect, useMemo } from "react";

import type { Shapes } from "@/api/queries";
import { NOTHING, type Scene } from "@/charts/candles/scene";
import {
  type Event,
  type Named,
  useBars,
  useEvents,
  useForecasts,
  useKeptSignal,
  useRecord,
  useStories,
  useTrackSignals,
} from "@/features/symbol/data";
import { fansOf, fansOfSignal, heaviest } from "@/features/symbol/fans";
import { seconds } from "@/features/symbol/joined";
import { inOrder, knownAt } from "@/features/symbol/known";
import {
  closesAhead,
  convictionPane,
  type Indicator,
  indicatorPane,
} from "@/features/symbol/scene";
import { dueOf, levelsOf, pastOf, pinned } from "@/features/symbol/scene";
import { lengthOf } from "@/features/symbol/timeframes";

const NEAR_BARS = 80;
const NONE: readonly never[] = [];

/** What is asked once: the bars, the signals, the stories, the events of its currencies. */
export function useSymbolData(
  named: Named,
  instrument: Shapes["InstrumentOut"] | undefined,
  wanted: number | null,
) {
  const bars = useBars(named);
  const track = useTrackSignals(named);
  const stories = useStories(named.symbol);
  const forecasts = useForecasts(named, (track.data?.length ?? 0) > 0);
  useBackTo(track, track.data?.at(-1)?.as_of, wanted);
  useBackTo(stories, stories.data?.at(-1)?.seen_at, wanted);
  const shown = bars.series.bars;
  const currencies = useMemo(
    () => [instrument?.base, instrument?.quote].filter((one) => one && /^[A-Z]{3}$/.test(one)),
    [instrument?.base, instrument?.quote],
  ) as readonly string[];
  const length = lengthOf(named.timeframe);
  const from = shown.at(-NEAR_BARS)?.time ?? shown[0]?.time;
  const last = shown.at(-1)?.time;
  const ahead = Math.max(86_400, 6 * length);
  const events = useEvents(currencies, iso(from), iso(last && last + ahead));
  return { bars, track, stories, forecasts, events };
}

const MOST = 2000;

/** Ask for older ones until they reach back to what is in sight. */
function useBackTo(
  list: { data: readonly unknown[] | undefined; hasMore: boolean; more: () => void },
  oldest: string | undefined,
  wanted: number | null,
): void {
  const { hasMore, more } = list;
  const isFull = (list.data?.length ?? 0) >= MOST;
  const isShort = oldest !== undefined && wanted !== null && seconds(oldest) > wanted;
  useEffect(() => {
    if (isShort && hasMore && !isFull) more();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `more` is another at each drawing
  }, [isShort, hasMore, isFull, oldest]);
}

const iso = (time: number | undefined) =>
  time === undefined ? undefined : new Date(time * 1000).toISOString();

type SymbolData = ReturnType<typeof useSymbolData>;

/** What is known at `cut`, and what is drawn of it. */
export function useKnown(
  named: Named,
  data: SymbolData,
  cut: number | null,
  member: string | null,
) {
  const { series } = data.bars;
  const signals = useMemo(() => inOrder(data.track.data ?? NONE), [data.track.data]);
  const stories = data.stories.data ?? NONE;
  const events: readonly Event[] = data.events.data ?? NONE;
  const known = useMemo(
    () => knownAt({ series, signals, stories, events }, cut),
    [series, signals, stories, events, cut],
  );
  const newest = known.signals.at(-1);
  const signal = useKeptSignal(newest?.id);
  const said = signal.data?.id === newest?.id ? signal.data : undefined;
  const fans = useMemo(
    () => (cut === null ? fansOf(data.forecasts.data) : fansOfSignal(said, named.timeframe)),
    [cut, data.forecasts.data, said, named.timeframe],
  );
  const drawn = fans.find((one) => one.member === member) ?? heaviest(fans);
  return { known, newest, signal, said, fans, drawn };
}

type KnownData = ReturnType<typeof useKnown>;

export function useScene({ known, said, drawn }: KnownData, cursor: number | null, step: number) {
  const { bars, stretches } = known.series;
  const now = bars.at(-1)?.time ?? null;
  const pins = useMemo(() => pinned(known.stories, bars), [known.stories, bars]);
  const levels = useMemo(() => levelsOf(said), [said]);
  const past = useMemo(() => pastOf(known.signals), [known.signals]);
  const due = useMemo(() => dueOf(known.events, now), [known.events, now]);
  const fan = drawn?.fan ?? null;
  const scene: Scene = useMemo(
    () => ({
      ...NOTHING,
      fan,
      levels,
      past,
      due,
      stretches,
      now,
      cursor,
      pins: pins.map((one) => one.pin),
    }),
    [fan, levels, past, due, stretches, now, cursor, pins],
  );
  const until = drawn?.until ? seconds(drawn.until) : null;
  const ahead = useMemo(
    () => (fan && fan.from === now ? closesAhead(fan.from, until, fan.bars, step) : []),
    [fan, now, until, step],
  );
  return { scene, pins, ahead, now };
}

export function usePanes({ known, said }: KnownData, kind: Indicator) {
  const { series, signals } = known;
  const conviction = useMemo(
    () => convictionPane(signals, series.bars, said?.fusion),
    [signals, series.bars, said?.fusion],
  );
  const indicator = useMemo(() => indicatorPane(kind, series), [kind, series]);
  const range = useMemo(() => indicatorPane("ATR", series).values.at(-1)?.value ?? null, [series]);
  return { conviction, indicator, range };
}

/** What the drawn member's fans held so far, out of sample. */
export function useFanRecord(
  named: Named,
  member: string | undefined,
  until: string | null | undefined,
) {
  const record = useRecord(named, "member", until);
  const name = `${member} ${named.timeframe}`;
  return record.data?.groups.find((one) => one.name === name);
}
