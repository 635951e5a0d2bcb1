/** The lengths of bars, by the key that chooses each. */
import type { Timeframe } from "@/api/queries";

const MINUTE = 60;

export const LENGTHS: readonly { name: Timeframe; key: string; seconds: number }[] = [
  { name: "1m", key: "1", seconds: MINUTE },
  { name: "5m", key: "2", seconds: 5 * MINUTE },
  { name: "10m", key: "3", seconds: 10 * MINUTE },
  { name: "15m", key: "4", seconds: 15 * MINUTE },
  { name: "30m", key: "5", seconds: 30 * MINUTE },
  { name: "1h", key: "6", seconds: 60 * MINUTE },
  { name: "4h", key: "7", seconds: 240 * MINUTE },
  { name: "1d", key: "8", seconds: 1440 * MINUTE },
];

export function lengthOf(timeframe: Timeframe): number {
  return LENGTHS.find((one) => one.name === timeframe)?.seconds ?? 60 * MINUTE;
}

export function isTimeframe(name: string | undefined): name is Timeframe {
  return LENGTHS.some((one) => one.name === name);
}

/** An hour if it is stored, else the first that is. */
export function usual(series: readonly { timeframe: Timeframe }[]): Timeframe | undefined {
  return series.find((one) => one.timeframe === "1h")?.timeframe ?? series[0]?.timeframe;
}
