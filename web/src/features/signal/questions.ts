/** What the page asks of the service. */
import { useMutation } from "@tanstack/react-query";

import { answered, ProblemError, service } from "@/api/client";
import {
  asProblem,
  type Shapes,
  type Timeframe,
  useAsked,
  type useExplanation,
  useListed,
} from "@/api/queries";

export type Signal = Shapes["SignalOut"];
export type Line = Shapes["SignalLine"];
export type Explanation = NonNullable<ReturnType<typeof useExplanation>["data"]>;
export type TrackSignal = Shapes["TrackSignal"];
export type Calibration = Shapes["Calibration"];
export type Sample = "out" | "in";

const MOST = 500;
const PAGE = 50;

/** Which signals the list shows. */
export interface Filters {
  symbol?: string;
  timeframe?: Timeframe;
  tier?: "HIGH" | "MODERATE" | "LOW" | "DIVERGENT";
  decision?: "LONG" | "SHORT" | "WAIT";
}

export const useSignals = (filters: Filters) =>
  useListed<"/api/v1/signals">(["signals", "list", filters], (after) =>
    answered(
      service.GET("/api/v1/signals", {
        params: { query: { ...filters, limit: PAGE, ...(after ? { after } : {}) } },
      }),
    ),
  );

/** The signals of one series, by the bar they were made on, the oldest first. */
export const useSeries = ({ symbol, timeframe }: Signal) =>
  useAsked(["signals", "series", symbol, timeframe], async () => {
    const query = { symbol, timeframe, limit: MOST };
    const found = await answered(service.GET("/api/v1/signals", { params: { query } }));
    return found.items.sort((a, b) => a.as_of.localeCompare(b.as_of) || a.entry - b.entry);
  });

/** What came of a signal, so far as it is known. */
export const useOutcome = ({ id, symbol, timeframe, as_of }: Signal) =>
  useAsked(["track", "one", id], async () => {
    const query = { symbol, timeframe, from: as_of, to: as_of, limit: PAGE };
    const found = await answered(service.GET("/api/v1/track/signals", { params: { query } }));
    return found.items.find((one) => one.id === id) ?? null;
  });

/** Said against came true, of this series. */
export const useCalibration = ({ symbol, timeframe }: Signal, sample: Sample) =>
  useAsked(
    ["track", "calibration", symbol, timeframe, sample],
    async () => {
      const params = { query: { symbol, timeframe, sample, limit: PAGE } };
      const [bins, record] = await Promise.all([
        answered(service.GET("/api/v1/track/calibration", { params })),
        answered(
          service.GET("/api/v1/track", { params: { query: { symbol, timeframe, sample } } }),
        ),
      ]);
      return { items: bins.items, groups: record.groups, leftOut: record.left_out };
    },
    { keeps: true },
  );

export const useInstrument = (symbol: string) =>
  useAsked(["instruments", symbol], () =>
    answered(service.GET("/api/v1/instruments/{symbol}", { params: { path: { symbol } } })),
  );

/** The zone of the market's own clocks. */
export function useMarketZone(symbol: string | undefined, isOn: boolean): string | null {
  const found = useAsked(
    ["sessions"],
    () => answered(service.GET("/api/v1/calendar/sessions", { params: {} })),
    { isOn },
  );
  return found.data?.markets.find((one) => one.symbols.includes(symbol ?? ""))?.zone ?? null;
}

/** What the gate said of the newest backtest of this series; null where there is none. */
export const useBacktestGate = ({ symbol, timeframe }: Signal) =>
  useAsked(["track", "verdict", symbol, timeframe], async () => {
    const gaps = await answered(
      service.GET("/api/v1/track/gap", { params: { query: { symbol, timeframe } } }),
    );
    const trial = gaps.items.find((one) => one.trial)?.trial;
    if (!trial) return null;
    try {
      return await answered(
        service.GET("/api/v1/experiments/{id}/verdict", { params: { path: { id: trial } } }),
      );
    } catch (error) {
      if (error instanceof ProblemError && error.status === 404) return null;
      throw error;
    }
  });

/** Read the whole journal again, now. */
export function useVerify() {
  const found = useMutation({
    mutationFn: () => answered(service.POST("/api/v1/journal/verify")),
  });
  return {
    data: found.data,
    at: found.submittedAt,
    error: asProblem(found.error),
    isBusy: found.isPending,
    verify: () => found.mutate(),
  };
}
