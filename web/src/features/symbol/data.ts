/** What the page asks of the service. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { answered, service } from "@/api/client";
import { asProblem, type Shapes, type Timeframe, useAsked, useListed } from "@/api/queries";
import { EMPTY, hasHole, joined, type Page } from "@/features/symbol/joined";

const FIRST = 2000;
const MORE = 4000;
const TAIL = 120;
const SIGNALS = 500;
const STORIES = 500;

export interface Named {
  symbol: string;
  timeframe: Timeframe;
}

function askBars({ symbol, timeframe }: Named, limit: number, end?: string): Promise<Page> {
  const query = { limit, ...(end ? { end } : {}) };
  return answered(
    service.GET("/api/v1/bars/{symbol}/{timeframe}", {
      params: { path: { symbol, timeframe }, query },
    }),
  );
}

/** The bars: pages that are kept, and the newest ones asked again whenever a bar closes. */
export function useBars({ symbol, timeframe }: Named) {
  const pages = useInfiniteQuery({
    queryKey: ["history", symbol, timeframe],
    queryFn: ({ pageParam }) =>
      askBars({ symbol, timeframe }, pageParam === undefined ? FIRST : MORE, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.earlier ?? undefined,
    staleTime: Infinity,
  });
  const tail = useAsked(["bars", symbol, timeframe, "tail"], () =>
    askBars({ symbol, timeframe }, TAIL),
  );
  const kept = pages.data?.pages;
  const { refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const isTorn = kept !== undefined && tail.data !== undefined && hasHole(kept, tail.data);
  useEffect(() => {
    if (isTorn) void refetch();
  }, [isTorn, refetch]);
  const data = useMemo(() => (kept ? joined(kept, tail.data) : undefined), [kept, tail.data]);
  return {
    data,
    series: data ?? EMPTY,
    error: asProblem(pages.error) ?? tail.error,
    isPending: pages.isPending,
    dataUpdatedAt: tail.dataUpdatedAt,
    refetch: () => {
      void refetch();
      void tail.refetch();
    },
    earlier: () => {
      if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
    },
  };
}

export const useInstrument = (symbol: string) =>
  useAsked(["instruments", symbol], () =>
    answered(service.GET("/api/v1/instruments/{symbol}", { params: { path: { symbol } } })),
  );

/** What was signalled here and what came of it, the newest first. */
export const useTrackSignals = ({ symbol, timeframe }: Named) =>
  useListed<"/api/v1/track/signals">(["track", "signals", symbol, timeframe], (after) =>
    answered(
      service.GET("/api/v1/track/signals", {
        params: { query: { symbol, timeframe, limit: SIGNALS, ...(after ? { after } : {}) } },
      }),
    ),
  );

/** What the newest signal's members foretold; asked only where a signal is issued. */
export const useForecasts = ({ symbol, timeframe }: Named, isOn: boolean) =>
  useAsked(
    ["forecasts", symbol, timeframe],
    () =>
      answered(
        service.GET("/api/v1/forecasts/{symbol}/{timeframe}", {
          params: { path: { symbol, timeframe } },
        }),
      ),
    { isOn },
  );

/** A signal; the one before stays while the next is asked for. */
export const useKeptSignal = (signal: string | undefined) =>
  useAsked(
    ["signals", signal],
    () =>
      answered(
        service.GET("/api/v1/signals/{signal}", { params: { path: { signal: signal ?? "" } } }),
      ),
    { isOn: signal !== undefined, keeps: true },
  );

export const useStories = (symbol: string) =>
  useListed<"/api/v1/news">(["news", symbol], (after) =>
    answered(
      service.GET("/api/v1/news", {
        params: { query: { symbol, limit: STORIES, ...(after ? { after } : {}) } },
      }),
    ),
  );

/** Economic events of an instrument's currencies from `start` to `end`. */
export const useEvents = (
  currencies: readonly string[],
  start: string | undefined,
  end: string | undefined,
) =>
  useAsked(
    ["events", currencies.join(" "), start, end],
    async () => {
      const query = {
        currency: [...currencies],
        limit: SIGNALS,
        start: start ?? "",
        end: end ?? "",
      };
      const found = await answered(service.GET("/api/v1/calendar/events", { params: { query } }));
      return found.items;
    },
    { isOn: currencies.length > 0 && start !== undefined, keeps: true },
  );

/**
 * The record of this series: by tier, or by member for what their fans held; of signals up to
 * `until`, where that is said, and none at all where it is null: no outcome was known by then.
 */
export const useRecord = (
  { symbol, timeframe }: Named,
  by: "tier" | "member",
  until?: string | null,
) =>
  useAsked(
    ["track", "record", by, symbol, timeframe, until],
    () =>
      answered(
        service.GET("/api/v1/track", {
          params: { query: { symbol, timeframe, by, ...(until ? { to: until } : {}) } },
        }),
      ),
    { isOn: until !== null },
  );

/** What the gate said of the newest backtest of this series, if it was asked. */
export const useGate = ({ symbol, timeframe }: Named) =>
  useAsked(["track", "gate", symbol, timeframe], async () => {
    const gaps = await answered(
      service.GET("/api/v1/track/gap", { params: { query: { symbol, timeframe } } }),
    );
    const trial = gaps.items.find((one) => one.trial)?.trial ?? null;
    if (trial === null) return { trial, verdict: null };
    const runs = await answered(
      service.GET("/api/v1/experiments", { params: { query: { limit: SIGNALS } } }),
    );
    const isJudged = runs.items.some((run) => run.id === trial && run.verdict !== null);
    const asked = () =>
      service.GET("/api/v1/experiments/{id}/verdict", { params: { path: { id: trial } } });
    return { trial, verdict: isJudged ? await answered(asked()) : null };
  });

/** The zone of the market's own clocks. */
export function useExchangeZone(symbol: string, isOn: boolean): string | null {
  const found = useAsked(
    ["sessions"],
    () => answered(service.GET("/api/v1/calendar/sessions", { params: {} })),
    { isOn },
  );
  const market = found.data?.markets.find((one) => one.symbols.includes(symbol));
  return market?.zone ?? null;
}

export type TrackSignal = Shapes["TrackSignal"];
export type Signal = Shapes["SignalOut"];
export type Story = Shapes["StoryOut"];
export type Event = Shapes["EventOut"];
