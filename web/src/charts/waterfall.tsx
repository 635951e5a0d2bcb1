import { Lane, Mark, Pooled, Ticks } from "@/charts/waterfall-lanes";
import {
  adding,
  addsUp,
  bySize,
  expit,
  isClear,
  logit,
  type Part,
  type Pool,
  scaleOf,
  stepsOf,
  weightOf,
} from "@/charts/waterfall-places";
import { exact, interval, number, percent, signed } from "@/lib/format";
import { Arrow } from "@/ui/direction";

const SMALL = "max-tablet:hidden";
const THOUSAND = 1000;

interface WaterfallProps {
  label: string;
  pool: Pool;
  parts: readonly Part[];
}

/** How the members move the odds, one row each, from the base rate to the pooled total. */
export function Waterfall({ label, pool, parts }: WaterfallProps) {
  const rows = bySize(parts);
  const steps = stepsOf(pool.base, rows);
  const scale = scaleOf(pool, steps);
  const values = [pool.base, ...rows.map((one) => one.part)];
  const printed = adding(values, pool.total);
  const weights = rows.reduce((sum, one) => sum + one.weight, 0);
  return (
    <div className="relative overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full border-collapse text-body">
        <caption className="sr-only">
          {label}, in log-odds: base rate {signed(pool.base, 3)}, pooled {signed(pool.total, 3)}
        </caption>
        <thead>
          <tr className="h-6 text-left text-ink3">
            <Head>Member</Head>
            <Head className="max-desktop:hidden">Family</Head>
            <Head className={`text-right ${SMALL}`}>P(up) alone</Head>
            <Head className={`text-right ${SMALL}`}>Skill, mnat</Head>
            <Head className={`text-right ${SMALL}`}>Weight</Head>
            <th scope="col" className="w-2/5 p-0 font-normal max-tablet:w-1/3">
              <span className="sr-only">From where to where</span>
              <Ticks ticks={scale.chances} isUp />
            </th>
            <Head className="text-right">Log-odds</Head>
          </tr>
        </thead>
        <tbody>
          <tr className="h-6 border-t border-hair">
            <th scope="row" className="pr-3 text-left font-normal text-ink2">
              base rate
              <Below>{percent(expit(pool.base))}</Below>
            </th>
            <td className="max-desktop:hidden" />
            <td className={`pr-3 text-right ${SMALL}`}>{percent(expit(pool.base))}</td>
            <td className={SMALL} />
            <td className={SMALL} />
            <Cell>
              <Mark at={scale.at(pool.base)} ticks={scale.odds} isFirst />
            </Cell>
            <td className="text-right whitespace-nowrap" title={exact(pool.base)}>
              {signed(printed[0], 3)}
            </td>
          </tr>
          {rows.map((one, n) => (
            <Row
              key={one.key}
              part={one}
              printed={printed[n + 1] ?? one.part}
              lane={
                one.weight > 0 ? (
                  <Lane
                    from={scale.at(steps[n]?.from ?? 0)}
                    to={scale.at(steps[n]?.to ?? 0)}
                    side={isClear(one) ? Math.sign(one.part) : 0}
                    ticks={scale.odds}
                  />
                ) : (
                  <Mark at={scale.at(steps[n]?.to ?? 0)} ticks={scale.odds} reason={one.reason} />
                )
              }
            />
          ))}
        </tbody>
        <tfoot>
          <tr className="h-7 border-t border-control text-ink1">
            <th scope="row" className="pr-3 text-left font-semibold">
              pooled
              <Below>{percent(expit(pool.total))}</Below>
            </th>
            <td className="max-desktop:hidden" />
            <td className={`pr-3 text-right whitespace-nowrap ${SMALL}`}>
              <span className="font-semibold">{percent(expit(pool.total))}</span>{" "}
              <span className="text-label text-ink3">
                {interval(pool.low * 100, pool.high * 100, (x) => number(x, 1))}
              </span>
            </td>
            <td className={SMALL} />
            <td className={`pr-3 text-right ${SMALL}`}>{number(weights, 2)}</td>
            <Cell>
              <Pooled
                at={scale.at(pool.total)}
                low={scale.at(logit(pool.low))}
                high={scale.at(logit(pool.high))}
                ticks={scale.odds}
              />
            </Cell>
            <td className="text-right font-semibold whitespace-nowrap" title={exact(pool.total)}>
              {signed(pool.total, 3)}
            </td>
          </tr>
          <tr aria-hidden="true" className="h-5">
            <td />
            <td className="max-desktop:hidden" />
            <td colSpan={3} className={SMALL} />
            <Cell>
              <Ticks ticks={scale.odds} />
            </Cell>
            <td />
          </tr>
        </tfoot>
      </table>
      {!addsUp(values, pool.total) && (
        <p role="alert" className="pt-1 font-semibold text-alarm">
          ✕ The parts do not add up to the total that was recorded.
        </p>
      )}
    </div>
  );
}

function Row({ part, printed, lane }: { part: Part; printed: number; lane: React.ReactNode }) {
  const weighs = part.weight > 0;
  return (
    <tr className={`h-6 border-t border-hair ${weighs ? "text-ink1" : "text-ink3"}`}>
      <th scope="row" className="pr-3 text-left font-normal">
        <span className="whitespace-nowrap">{part.name}</span>
        <Below>
          said {percent(part.probability)},{" "}
          {weighs ? `weight ${weightOf(part.weight)}` : (part.reason ?? "weighs nothing")}
        </Below>
      </th>
      <td className="pr-3 text-ink3 max-desktop:hidden">{part.family}</td>
      <td className={`pr-3 text-right ${SMALL}`} title={exact(part.probability)}>
        {percent(part.probability)}
      </td>
      <td className={`pr-3 text-right whitespace-nowrap ${SMALL}`} title={exact(part.skill)}>
        {signed(part.skill * THOUSAND, 2)}{" "}
        <span className="text-ink3">±{number(part.skillError * THOUSAND, 2)}</span>
      </td>
      <td className={`pr-3 text-right ${SMALL}`}>{weightOf(part.weight)}</td>
      <Cell>{lane}</Cell>
      <td className="text-right whitespace-nowrap" title={exact(part.part)}>
        {weighs && (
          <span className={isClear(part) ? (part.part > 0 ? "text-up" : "text-down") : ""}>
            <Arrow value={printed} proven={false} />
          </span>
        )}
        {signed(printed, 3)}
      </td>
    </tr>
  );
}

function Head({ children, className = "" }: { children: string; className?: string }) {
  return (
    <th scope="col" className={`pr-3 font-normal whitespace-nowrap last:pr-0 ${className}`}>
      {children}
    </th>
  );
}

function Cell({ children }: { children: React.ReactNode }) {
  return <td className="h-6 pr-3 pl-0 align-top max-tablet:align-middle">{children}</td>;
}

/** What stands in columns elsewhere, under the name on a phone. */
function Below({ children }: { children: React.ReactNode }) {
  return <span className="block text-label font-normal text-ink3 tablet:hidden">{children}</span>;
}
