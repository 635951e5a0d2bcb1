import { Holds, Sub } from "@/features/signal/parts";
import type { Explanation } from "@/features/signal/questions";
import { basis } from "@/features/signal/words";
import { count, exact, number, percent } from "@/lib/format";
import { type Asked, Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

/** What would change it: other odds, a member less, other costs; one thing at a time. */
export function Change({
  query,
  className = "",
}: {
  query: Asked<Explanation>;
  className?: string;
}) {
  return (
    <Panel
      title="What would change it"
      query={query}
      empty=""
      rows={6}
      className={className}
      summary="one thing at a time"
    >
      {({ what_if: found }) => (
        <>
          <Table
            label="What would change it"
            rows={[...found.thresholds.map(fromThreshold), ...found.silenced.map(fromSilenced)]}
            keyOf={(one) => one.key}
            columns={[
              { key: "if", head: "If", cell: (one) => <span className="text-ink1">{one.if}</span> },
              {
                key: "p",
                head: "P(up)",
                isNumber: true,
                cell: (one) => (
                  <span title={exact(one.p)} className="text-ink1">
                    {percent(one.p)}
                  </span>
                ),
              },
              { key: "then", head: "Then", cell: (one) => one.then },
            ]}
          />
          {found.silenced.length === 0 && (
            <p className="pt-1 text-ink3">No member weighs, so none can be taken away.</p>
          )}
          <Costs costs={found.costs} />
          <p className="pt-2 text-body">
            <Holds
              is={found.repool.same}
              yes="pooled again from what the members had said: the same"
              no={`pooled again: ${found.repool.problem ?? "not the same"}`}
            />
          </p>
        </>
      )}
    </Panel>
  );
}

interface Change {
  key: string;
  if: string;
  p: number | null;
  then: string;
}

function fromThreshold(one: Explanation["what_if"]["thresholds"][number]): Change {
  const goal = one.goal === "other side" ? "odds reach the other side" : `odds reach ${one.goal}`;
  return { key: one.goal, if: goal, p: one.probability, then: one.sentence };
}

function fromSilenced(one: Explanation["what_if"]["silenced"][number]): Change {
  return {
    key: `${one.member} ${one.timeframe}`,
    if: `${one.member} ${one.timeframe} falls silent`,
    p: one.probability,
    then: [`score ${count(one.score)}, ${one.tier}`, ...one.changes].join("; "),
  };
}

function Costs({ costs }: { costs: Explanation["what_if"]["costs"] }) {
  return (
    <>
      <Sub
        title="Costs"
        note={costs.pays ? "✓ the move pays for them" : "✕ the move does not pay"}
      />
      <p className="text-body text-ink2">
        Expected to its side {basis(costs.side_move)}; a round trip costs {basis(costs.round_trip)}.
        {costs.times !== null &&
          (costs.pays
            ? ` It pays until the move is ${number(costs.times, 2)} times as large.`
            : ` The move must be ${number(costs.times, 1)} times as large.`)}
      </p>
    </>
  );
}
