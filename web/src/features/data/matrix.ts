import type { HeatColumn } from "@/charts/heatmap";
import { type Cover, sumOf } from "@/charts/heatmap-cover";
import type { Months } from "@/features/data/questions";

const NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `Mar 2020` for `2020-03`. */
export function monthWord(month: string): string {
  return `${NAMES[Number(month.slice(5, 7)) - 1] ?? ""} ${month.slice(0, 4)}`;
}

/** A column for each month, under its year. */
export function monthColumns(months: readonly string[]): HeatColumn[] {
  return months.map((month) => ({
    key: month,
    short: NAMES[Number(month.slice(5, 7)) - 1]?.slice(0, 1) ?? "",
    full: monthWord(month),
    group: month.slice(0, 4),
  }));
}

/** A column for each year. */
export function yearColumns(months: readonly string[]): HeatColumn[] {
  return [...new Set(months.map((month) => month.slice(0, 4)))].map((year) => ({
    key: year,
    short: year,
    full: year,
    group: "Per cent of the expected bars",
  }));
}

/** The cells of one series, month by month or put together by year. */
export function cellsOf(
  row: Months["rows"][number],
  months: readonly string[],
  by: "month" | "year",
): Cover[] {
  const every = months.map((_, n) => ({
    expected: row.expected[n] ?? null,
    there: row.there[n] ?? null,
    flagged: row.flagged[n] ?? null,
  }));
  if (by === "month") return every;
  return yearColumns(months).map((year) =>
    sumOf(every.filter((_, n) => months[n]?.startsWith(year.key))),
  );
}

const ORDER = ["1m", "5m", "10m", "15m", "30m", "1h", "4h", "1d"];
export const MOST = 30;

/** The timeframes there are, the shortest first. */
export function timeframesOf(rows: readonly { timeframe: string }[]): string[] {
  return [...new Set(rows.map((row) => row.timeframe))].sort(
    (one, other) => ORDER.indexOf(one) - ORDER.indexOf(other),
  );
}
