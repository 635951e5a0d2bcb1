import { useMemo, useState } from "react";

import { Heat, type HeatColumn, HeatLegend, type HeatRow } from "@/charts/heatmap";
import { Choice } from "@/features/data/coverage";
import { monthWord } from "@/features/data/matrix";
import type { Checked } from "@/features/data/questions";
import { Frame } from "@/ui/panel";

const LONGEST = 31;
const COLUMNS: readonly HeatColumn[] = Array.from({ length: LONGEST }, (_, n) => ({
  key: String(n + 1),
  short: String(n + 1),
  full: String(n + 1),
  group: "Day of the month",
}));
const NONE = { expected: null, there: null, flagged: null };

/** The years of a series, the newest first. */
export function yearsOf(days: readonly string[]): string[] {
  return [...new Set(days.map((day) => day.slice(0, 4)))].sort().reverse();
}

const ENOUGH = 60;

/** The newest year of which more than a few days are there. */
export function usualYear(days: readonly string[]): string {
  const years = yearsOf(days);
  const isFull = (year: string) => days.filter((day) => day.startsWith(year)).length >= ENOUGH;
  return years.find(isFull) ?? years[0] ?? "";
}

/** A row for each month of a year, a cell for each of its days. */
export function monthsOf(found: Pick<Checked, "days" | "holidays">, year: string): HeatRow[] {
  const { days } = found;
  const at = new Map(days.day.map((day, n) => [day, n] as const));
  const holidays = new Map(found.holidays.map((one) => [one.day, one.name] as const));
  const months = [...new Set([...at.keys()].map((day) => day.slice(0, 7)))]
    .filter((month) => month.startsWith(year))
    .sort();
  return months.map((month) => {
    const dates = COLUMNS.map((column) => `${month}-${column.key.padStart(2, "0")}`);
    const word = monthWord(month);
    return {
      key: month,
      name: word,
      head: word.slice(0, 3),
      extras: [],
      cells: dates.map((date) => {
        const n = at.get(date);
        if (n === undefined) return NONE;
        return {
          expected: days.expected[n] ?? null,
          there: days.there[n] ?? null,
          flagged: days.flagged[n] ?? null,
        };
      }),
      notes: dates.map((date) => holidays.get(date)),
    };
  });
}

/** Day by day of one year: gaps hatched, holidays said. */
export function Days({ found, name }: { found: Checked; name: string }) {
  const years = yearsOf(found.days.day);
  const [asked, setAsked] = useState<string | null>(null);
  const year = asked ?? usualYear(found.days.day);
  const holidays = found.holidays.filter((one) => one.day.startsWith(year));
  return (
    <Frame title="Day by day" note="bars that are there of those expected, UTC">
      <div className="flex flex-col gap-2">
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <Choice
            label="Year"
            value={year}
            onChange={setAsked}
            options={years.map((one) => [one, one])}
          />
          <HeatLegend />
        </div>
        <Year found={found} year={year} name={name} />
        {holidays.length > 0 && (
          <p className="text-label text-ink3">
            Holidays: {holidays.map((one) => `${one.day.slice(5)} ${one.name}`).join(", ")}.
          </p>
        )}
      </div>
    </Frame>
  );
}

function Year({ found, year, name }: { found: Checked; year: string; name: string }) {
  const rows = useMemo(() => monthsOf(found, year), [found, year]);
  return (
    <Heat
      label={`${name}, ${year}, day by day`}
      rowHead={year}
      extras={[]}
      rows={rows}
      columns={COLUMNS}
    />
  );
}
