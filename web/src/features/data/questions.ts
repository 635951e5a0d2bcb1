/** What the Data page asks and starts; what is being looked at is asked again soon. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answered, service } from "@/api/client";
import { asProblem, type Shapes, type Timeframe, useAsked, useListed } from "@/api/queries";

export type Months = Shapes["MonthsOut"];
export type Quality = Shapes["SeriesQuality"];
export type Look = Shapes["LookOut"];
export type Checked = Shapes["CheckedOut"];
export type Source = Shapes["SourceOut"];

const SOON = 2000;

/** Ask again soon as long as the last answer said that somebody is looking. */
function useLooked<Data extends { looking: boolean }>(
  key: readonly unknown[],
  question: () => Promise<Data>,
) {
  const isLooking = useQueryClient().getQueryData<Data>(key)?.looking === true;
  return useAsked(key, question, isLooking ? { every: SOON } : {});
}

export const useMonths = () =>
  useLooked(["quality", "months"], () => answered(service.GET("/api/v1/quality/months")));

export const useQuality = () =>
  useLooked(["quality", "list"], () =>
    answered(service.GET("/api/v1/quality", { params: { query: { limit: 500 } } })),
  );

const named = (symbol: string, timeframe: string) => ({
  symbol,
  timeframe: timeframe as Timeframe,
});

export const useLook = (symbol: string, timeframe: string) =>
  useLooked(["quality", "one", symbol, timeframe], () =>
    answered(
      service.GET("/api/v1/quality/{symbol}/{timeframe}", {
        params: { path: named(symbol, timeframe) },
      }),
    ),
  );

export const useGaps = (symbol: string, timeframe: string, isOn: boolean) =>
  useListed<"/api/v1/quality/{symbol}/{timeframe}/gaps">(
    ["quality", "gaps", symbol, timeframe],
    (after) =>
      answered(
        service.GET("/api/v1/quality/{symbol}/{timeframe}/gaps", {
          params: {
            path: named(symbol, timeframe),
            query: { limit: 50, ...(after ? { after } : {}) },
          },
        }),
      ),
    isOn,
  );

export const useSources = () =>
  useAsked(["sources"], async () => {
    const found = await answered(
      service.GET("/api/v1/sources", { params: { query: { limit: 500 } } }),
    );
    return found.items;
  });

/** Fetch what is missing: a job; why it cannot be started is told as the service said it. */
export function useSync() {
  const client = useQueryClient();
  const found = useMutation({
    mutationFn: (symbols: readonly string[]) =>
      answered(
        service.POST("/api/v1/jobs", {
          body: { kind: "sync", arguments: symbols.length > 0 ? { symbols: [...symbols] } : {} },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ["jobs"] }),
  });
  return {
    sync: found.mutate,
    isBusy: found.isPending,
    error: asProblem(found.error),
    job: found.data,
  };
}
