import type { Signal } from "@/features/symbol/data";
import { Section } from "@/features/symbol/why-parts";
import { percent } from "@/lib/format";
import { VerdictBadge } from "@/ui/tier";

/** The analyst before and after it saw the models. */
export function Analyst({ signal }: { signal: Signal }) {
  const { view, verdict } = signal;
  return (
    <Section title="Analyst" note={`${view.provider}, ${view.regime}`}>
      <dl>
        <div className="flex flex-wrap items-baseline justify-between gap-x-3 py-0.5 text-body">
          <dt>Phase 1, blind, sealed in entry {view.entry}</dt>
          <dd className="ml-auto font-semibold text-ink1">
            {view.p_up === null ? "– abstained" : `up ${percent(view.p_up, 0)}`}
          </dd>
        </div>
        <div className="flex flex-wrap items-center justify-between gap-x-3 py-0.5 text-body">
          <dt>Phase 2, saw the models</dt>
          <dd className="ml-auto">
            <VerdictBadge kind={verdict.kind} reason={verdict.challenge} />
          </dd>
        </div>
      </dl>
      {view.abstained && <p className="text-prose">{view.abstained}</p>}
      <p className="text-prose text-ink1">
        {verdict.objection}
        {verdict.size_cap < 1 && `; size capped at ${percent(verdict.size_cap, 0)}`}
      </p>
    </Section>
  );
}
