import type { Backtest } from "@/features/backtests/questions";
import { signed } from "@/lib/format";

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** The return of a year's months together; null where none was tested. */
export function yearOf(months: readonly (number | null)[]): number | null {
  const there = months.filter((one) => one !== null);
  return there.length > 0 ? there.reduce((all, one) => all * (1 + one), 1) - 1 : null;
}

/** Returns after costs, a row each year: tinted where a month stands out, hatched where none was. */
export function Months({ years }: { years: Backtest["months"] }) {
  const largest = Math.max(0, ...years.flatMap((one) => one.months.map((m) => Math.abs(m ?? 0))));
  return (
    <>
      <div
        className="relative overflow-x-auto"
        role="region"
        aria-label="Returns by month, table"
        tabIndex={0}
      >
        <table className="w-full border-separate border-spacing-px">
          <caption className="sr-only">
            Return of each month after costs, per cent of equity
          </caption>
          <thead>
            <tr className="h-6 text-ink3">
              <th scope="col" className="text-left font-normal">
                Year
              </th>
              {MONTHS.map((month) => (
                <th key={month} scope="col" className="text-right font-normal">
                  {month}
                </th>
              ))}
              <th scope="col" className="text-right font-normal">
                All
              </th>
            </tr>
          </thead>
          <tbody>
            {years.map((year) => (
              <tr key={year.year} className="h-6">
                <th scope="row" className="text-left font-semibold text-ink1">
                  {year.year}
                </th>
                {year.months.map((value, at) => (
                  <td key={MONTHS[at]} className={`px-1 text-right ${groundOf(value, largest)}`}>
                    {value === null ? "–" : signed(value * 100)}
                  </td>
                ))}
                <td className="px-1 text-right font-semibold text-ink1">
                  {signed(scaled(yearOf(year.months)))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="pt-2 text-label text-ink3">
        Per cent of equity, after costs. Tinted from half of the largest on; a dash: not tested.
      </p>
    </>
  );
}

const scaled = (value: number | null) => (value === null ? null : value * 100);

/** The ground of a month: bare, coloured words, or tinted. */
export function groundOf(value: number | null, largest: number): string {
  if (value === null) return "text-ink3";
  if (Math.abs(value) < 0.00005) return "text-ink3";
  const isLarge = Math.abs(value) >= largest / 2;
  if (value > 0) return isLarge ? "bg-up-tint text-up" : "text-up";
  return isLarge ? "bg-down-tint text-down" : "text-down";
}
