/** What the Backtests page asks. */
import { answered, service } from "@/api/client";
import { type Shapes, useAsked, useListed } from "@/api/queries";

export type Backtest = Shapes["BacktestOut"];
export type Row = Shapes["BacktestRow"];
export type Trade = Shapes["RoundTrip"];
export type Estimate = Shapes["Figure"];
export type TextTable = Shapes["Table"];

export const useBacktests = () =>
  useListed<"/api/v1/backtests">(["backtests", "list"], (after) =>
    answered(
      service.GET("/api/v1/backtests", {
        params: { query: { limit: 100, ...(after ? { after } : {}) } },
      }),
    ),
  );

export const useBacktest = (trial: string) =>
  useAsked(["backtests", "one", trial], () =>
    answered(service.GET("/api/v1/backtests/{trial}", { params: { path: { trial } } })),
  );

export const useTrades = (trial: string) =>
  useListed<"/api/v1/backtests/{trial}/trades">(["backtests", "trades", trial], (after) =>
    answered(
      service.GET("/api/v1/backtests/{trial}/trades", {
        params: { path: { trial }, query: { limit: 50, ...(after ? { after } : {}) } },
      }),
    ),
  );
