import { Row } from "@/features/signal/parts";
import type { Explanation, Signal } from "@/features/signal/questions";
import { count, hash, percent } from "@/lib/format";
import { clock, zoneLabel } from "@/lib/time";
import { type Asked, Panel } from "@/ui/panel";
import { VerdictBadge } from "@/ui/tier";

interface AnalystProps {
  query: Asked<Signal>;
  explanation: Explanation | undefined;
  timeZone: string;
}

/** The analyst before and after it saw the models, side by side. */
export function Analyst({ query, explanation, timeZone }: AnalystProps) {
  const entries = explanation?.how.journal.entries ?? [];
  const written = (stage: string) => {
    const one = entries.find((each) => each.stage === stage);
    return one && `${clock(one.at, timeZone, true)} ${zoneLabel(one.at, timeZone)}`;
  };
  return (
    <Panel
      title="Analyst"
      query={query}
      empty=""
      rows={8}
      note={(signal) => signal.view.provider}
      summary="may veto or shrink, never enlarge or reverse"
    >
      {(signal) => (
        <div className="grid gap-x-4 gap-y-3 text-body tablet:grid-cols-2 tablet:divide-x tablet:divide-hair">
          <Blind view={signal.view} sealedAt={written("view")} journal={explanation?.how.journal} />
          <After signal={signal} at={written("verdict")} />
        </div>
      )}
    </Panel>
  );
}

function Blind({
  view,
  sealedAt,
  journal,
}: {
  view: Signal["view"];
  sealedAt: string | undefined;
  journal: Explanation["how"]["journal"] | undefined;
}) {
  return (
    <section aria-label="Phase 1, blind" className="min-w-0 tablet:pr-4">
      <Phase title="Phase 1, blind" note={sealedAt && `sealed ${sealedAt}`} />
      <dl>
        <Row label="View">
          <span className="font-semibold">
            {view.p_up === null ? "– abstained" : `${percent(view.p_up, 0)} up`}
          </span>
          , regime <code>{view.regime}</code>
        </Row>
        {view.abstained && <Row label="Why">{view.abstained}</Row>}
        <Row label="Saw">
          its own brief <code title={view.brief}>{hash(view.brief)}</code>; no forecast
        </Row>
      </dl>
      <Points title="Evidence" points={view.evidence} />
      <Points title="Counter-evidence" points={view.counter_evidence} />
      <p className="mt-2 border-t border-dashed border-control pt-2 text-ink2">
        Sealed before any forecast was readable: entry {count(view.entry)},{" "}
        <code title={view.digest}>{hash(view.digest)}</code>
        {journal && (
          <span
            className={journal.sealed_first && journal.seal_holds ? "" : "font-semibold text-alarm"}
          >
            {journal.sealed_first && journal.seal_holds ? " ✓ holds" : " ✕ the seal does not hold"}
          </span>
        )}
      </p>
    </section>
  );
}

const STANCES: Record<string, readonly [string, string]> = {
  up: ["▲", "up"],
  down: ["▼", "down"],
};

function Points({ title, points }: { title: string; points: Signal["view"]["evidence"] }) {
  return (
    <>
      <h4 className="pt-2 pb-1 text-ink3">{title}</h4>
      {points.length === 0 && <p className="text-ink3">none</p>}
      <ul className="flex flex-col gap-1">
        {points.map((one) => {
          const [mark, word] = STANCES[one.stance] ?? ["–", "no side"];
          return (
            <li key={one.ref} className="border-l-2 border-rule pl-2 text-ink1">
              <span aria-hidden="true">{mark} </span>
              <span className="sr-only">{word}: </span>
              {one.claim} <code className="wrap-anywhere text-ink3">{one.ref}</code>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function After({ signal, at }: { signal: Signal; at: string | undefined }) {
  const { verdict, view } = signal;
  const before = view.p_up === null ? "–" : percent(view.p_up, 0);
  return (
    <section aria-label="Phase 2, verdict" className="min-w-0">
      <Phase title="Phase 2, verdict" note={at} />
      <dl>
        <Row label="Verdict">
          <VerdictBadge kind={verdict.kind} reason={verdict.challenge} />
        </Row>
        <Row label="Own view">
          {before} to{" "}
          <span className="font-semibold">
            {verdict.p_up_after === null ? `${before}, kept` : percent(verdict.p_up_after, 0)}
          </span>
          , pool {percent(signal.probability)}
        </Row>
        <Row label="Size cap">
          <span className="font-semibold">{percent(verdict.size_cap, 0)}</span>
          {verdict.size_cap === 0 && ", a veto"}
        </Row>
        <Row label="Started from">
          <code title={verdict.sealed}>{hash(verdict.sealed)}</code>{" "}
          {verdict.sealed === view.digest ? (
            "✓ the sealed view"
          ) : (
            <span className="font-semibold text-alarm">✕ not the sealed view</span>
          )}
        </Row>
      </dl>
      <h4 className="pt-2 pb-1 text-ink3">Strongest argument against</h4>
      <p className="border-l-2 border-rule pl-2 text-prose text-ink1">
        {verdict.objection || "none"}
      </p>
      <h4 className="pt-2 pb-1 text-ink3">Looked at</h4>
      <ul className="flex flex-col gap-1">
        {verdict.checks.map((one) => (
          <Check key={one} text={one} />
        ))}
      </ul>
    </section>
  );
}

/** `pool.probability_pct: The pool gives 46.8 % to a rise`: the code last, as evidence has it. */
function Check({ text }: { text: string }) {
  const [, ref, claim] = /^([\w.]+): (.*)$/.exec(text) ?? [];
  return (
    <li className="border-l-2 border-rule pl-2 text-ink1">
      {claim ?? text} {ref && <code className="wrap-anywhere text-ink3">{ref}</code>}
    </li>
  );
}

function Phase({ title, note }: { title: string; note: string | false | undefined }) {
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-3 pb-1">
      <h3 className="font-semibold text-ink1">{title}</h3>
      {note && <code className="text-ink3">{note}</code>}
    </div>
  );
}
