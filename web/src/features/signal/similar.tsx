import type { Explanation } from "@/features/signal/questions";
import { count, interval, number, percent, signed } from "@/lib/format";
import { short, zoneLabel } from "@/lib/time";
import { Marks } from "@/ui/tier";
import { type Asked, Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

interface SimilarProps {
  query: Asked<Explanation>;
  timeZone: string;
  onOpen: (id: string) => void;
}

/** Earlier signals that were alike, and what came of them. */
export function Similar({ query, timeZone, onOpen }: SimilarProps) {
  return (
    <Panel
      title="Similar cases"
      query={query}
      empty=""
      rows={6}
      note={({ similar }) =>
        similar.n > 0 && `${count(similar.cases.length)} newest of ${count(similar.n)}`
      }
      summary={({ similar }) => <Share similar={similar} />}
    >
      {({ similar, as_of }) => (
        <>
          <p className="pb-1 text-label text-ink3">alike: {similar.rule}</p>
          {similar.in_sample > 0 && (
            <p className="pb-1 text-body font-semibold text-ink1">
              ! {count(similar.in_sample)} of {count(similar.n)} in sample: they flatter it
            </p>
          )}
          {similar.n === 0 ? (
            <p className="text-prose">No earlier signal was alike and over by then.</p>
          ) : (
            <Table
              label="Similar cases"
              rows={similar.cases}
              keyOf={(one) => one.signal.id}
              onOpen={(one) => onOpen(one.signal.id)}
              columns={[
                {
                  key: "when",
                  head: `When, ${zoneLabel(as_of, timeZone)}`,
                  cell: (one) => (
                    <span className="whitespace-nowrap text-ink1">
                      {short(one.signal.as_of, timeZone)}
                    </span>
                  ),
                },
                {
                  key: "score",
                  head: "Score",
                  isNumber: true,
                  cell: ({ signal }) => (
                    <>
                      <Marks tier={signal.tier} side={signal.direction} />{" "}
                      {count(signal.conviction)}
                    </>
                  ),
                },
                {
                  key: "decision",
                  head: "Did",
                  isMinor: true,
                  cell: ({ signal }) => signal.decision,
                },
                {
                  key: "moved",
                  head: "Moved, vol",
                  isNumber: true,
                  cell: (one) => signed(one.scaled),
                },
                {
                  key: "hit",
                  head: "Side",
                  cell: (one) =>
                    one.hit === null ? "– no outcome" : one.hit ? "✓ right" : "✕ wrong",
                },
              ]}
            />
          )}
        </>
      )}
    </Panel>
  );
}

/** Hits of those that moved: with an interval, or grey where they are too few. */
function Share({ similar }: { similar: Explanation["similar"] }) {
  if (similar.share === null) return <span>n 0</span>;
  if (similar.few) {
    return (
      <span>
        hit {count(similar.hits)} of {count(similar.moved)}, too few
      </span>
    );
  }
  return (
    <span>
      hit <span className="font-semibold text-ink1">{percent(similar.share, 0)}</span>{" "}
      {interval(similar.low && similar.low * 100, similar.high && similar.high * 100, (x) =>
        number(x, 0),
      )}{" "}
      95 %, n {count(similar.moved)}
    </span>
  );
}
