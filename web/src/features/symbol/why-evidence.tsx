import type { Signal } from "@/features/symbol/data";
import { Section } from "@/features/symbol/why-parts";
import { count, number, percent, signed } from "@/lib/format";
import { Arrow } from "@/ui/direction";

type Member = Signal["members"][number];
const WIDE = 96;
/** A part this small fills the bar: nothing looks larger than it is. */
const LEAST = 0.05;
const MILLI = 1000;

/** What each member adds to the pooled log-odds; those that add nothing are counted, with why. */
export function Evidence({ signal }: { signal: Signal }) {
  const heard = signal.members
    .filter((one) => one.weight > 0)
    .sort((one, other) => Math.abs(other.part) - Math.abs(one.part));
  const silent = signal.members.filter((one) => one.weight <= 0);
  const most = Math.max(...heard.map((one) => Math.abs(one.part)), LEAST);
  const base = Math.log(signal.base / (1 - signal.base));
  return (
    <Section
      title="Evidence, log-odds"
      note={`base ${signed(base, 3)}, sum ${signed(signal.log_odds, 3)}`}
    >
      {heard.length === 0 && (
        <p className="py-1 text-prose text-ink2">No member weighs: the pool says what is usual.</p>
      )}
      <ul>
        {heard.map((one) => (
          <Bar key={`${one.member} ${one.timeframe}`} one={one} most={most} />
        ))}
      </ul>
      {heard.length > 0 && (
        <p className="text-label text-ink3">
          skill: gain over climatology out of sample, thousandths of a nat a bar
        </p>
      )}
      {silent.length > 0 && (
        <details className="pt-1 text-body text-ink3">
          <summary className="min-h-6 max-tablet:min-h-11">
            {count(silent.length)} {silent.length === 1 ? "member weighs" : "members weigh"} nothing
          </summary>
          <ul>
            {silent.map((one) => (
              <li key={`${one.member} ${one.timeframe}`} className="flex flex-wrap gap-x-2 py-0.5">
                <code>
                  {one.member} {one.timeframe}
                </code>
                <span>said {percent(one.probability)} up</span>
                <span>{one.reason?.sentence}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  );
}

function Bar({ one, most }: { one: Member; most: number }) {
  const half = WIDE / 2;
  const wide = Math.max(one.part === 0 ? 0 : 1, (Math.abs(one.part) / most) * half);
  const isUp = one.part > 0;
  return (
    <li className="flex flex-wrap items-center gap-x-2 py-0.5 text-body">
      <code className="min-w-28 grow truncate text-ink1">
        {one.member} {one.timeframe}
      </code>
      <svg width={WIDE} height={12} aria-hidden="true" className="shrink-0">
        <line x1={half} x2={half} y1={0} y2={12} stroke="var(--control)" />
        <rect
          x={isUp ? half : half - wide}
          y={2}
          width={wide}
          height={8}
          fill={isUp ? "var(--up)" : "var(--down)"}
        />
      </svg>
      <span className="min-w-16 text-right text-ink1">
        <Arrow value={one.part} proven={false} />
        {signed(one.part, 3)}
      </span>
      <span className="w-full text-label text-ink3">
        up {percent(one.probability)}, weight {number(one.weight, 2)}, skill{" "}
        {signed(one.skill * MILLI, 3)} ± {number(one.skill_error * MILLI, 3)}
      </span>
    </li>
  );
}
