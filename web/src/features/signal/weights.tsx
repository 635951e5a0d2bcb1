import { useState } from "react";

import type { Explanation } from "@/features/signal/questions";
import { count, exact, number, signed } from "@/lib/format";
import { Arrow } from "@/ui/direction";
import { type Asked, Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

type Step = Explanation["why"]["parts"][number];
const VIEWS = { drivers: "now", leans_on: "in general", moments: "by time" } as const;
type View = keyof typeof VIEWS;

const keyOf = (one: Step) => `${one.member} ${one.timeframe}`;

/** What moved each member: its features now, in general, and the stretches of its window. */
export function Weights({ query }: { query: Asked<Explanation> }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [view, setView] = useState<View>("drivers");
  return (
    <Panel
      title="Variable weights"
      query={query}
      empty=""
      rows={6}
      isEmpty={(found) => found.why.parts.length === 0}
      note="of a member's own log-odds"
    >
      {({ why }) => {
        const one = why.parts.find((each) => keyOf(each) === chosen) ?? first(why.parts);
        if (!one) return null;
        return (
          <>
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1 pb-1">
              <select
                aria-label="Member"
                value={keyOf(one)}
                onChange={(event) => setChosen(event.target.value)}
                className="min-h-6 rounded-control border border-control bg-inset px-1 text-body text-ink1 max-tablet:min-h-11"
              >
                {why.parts.map((each) => (
                  <option key={keyOf(each)} value={keyOf(each)}>
                    {keyOf(each)}
                    {each.weight > 0 ? "" : ", weighs nothing"}
                  </option>
                ))}
              </select>
              <Views view={view} onView={setView} />
            </div>
            <p className="pb-1 text-label text-ink3">
              weight {number(one.weight, 2)}
              {one.method && `, by ${one.method}`}; a figure of this one bar, without an interval
            </p>
            {one.withheld ? (
              <p className="text-prose">Its account is withheld: {one.withheld}.</p>
            ) : (
              <Shown one={one} view={view} />
            )}
          </>
        );
      }}
    </Panel>
  );
}

/** The member to begin with: the heaviest that may say what moved it. */
function first(parts: readonly Step[]): Step | undefined {
  return parts.find((one) => one.drivers.length > 0) ?? parts[0];
}

function Views({ view, onView }: { view: View; onView: (view: View) => void }) {
  return (
    <div role="group" aria-label="What is shown" className="flex">
      {(Object.keys(VIEWS) as View[]).map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === view}
          onClick={() => onView(one)}
          className={`min-h-6 px-2 text-body max-tablet:min-h-11 ${one === view ? "border-b-2 border-accent font-semibold text-ink1" : "text-ink2 hover:bg-raised"}`}
        >
          {VIEWS[one]}
        </button>
      ))}
    </div>
  );
}

interface Line {
  key: string;
  name: string;
  summary: string;
  value: number | null | undefined;
  moved: number;
}

/** The lines of a view, the largest first where they have no order of their own. */
function linesOf(one: Step, view: View): Line[] {
  if (view === "drivers") {
    return one.drivers.map((each) => ({
      key: each.column,
      name: each.column,
      summary: each.summary,
      value: each.value,
      moved: each.moved,
    }));
  }
  if (view === "leans_on") {
    return one.leans_on.map(([name, moved]) => ({
      key: String(name),
      name: String(name),
      summary: "",
      value: undefined,
      moved: Number(moved),
    }));
  }
  return one.moments.map(([from = 0, to = 0, moved = 0]) => ({
    key: String(from),
    name: from === to ? `${count(from)} bars back` : `${count(from)} to ${count(to)} bars back`,
    summary: "",
    value: undefined,
    moved,
  }));
}

const NONE: Record<View, string> = {
  drivers: "It names nothing that moved it.",
  leans_on: "It does not say what it listens to in general.",
  moments: "It does not look back bar by bar.",
};

function Shown({ one, view }: { one: Step; view: View }) {
  const lines = linesOf(one, view);
  if (lines.length === 0) return <p className="text-prose">{NONE[view]}</p>;
  const most = Math.max(...lines.map((each) => Math.abs(each.moved)), 1e-12);
  const isGeneral = view === "leans_on";
  return (
    <Table
      label={`${keyOf(one)}, ${VIEWS[view]}`}
      rows={lines}
      keyOf={(each) => each.key}
      columns={[
        {
          key: "name",
          head: view === "moments" ? "Stretch" : "Feature",
          cell: (each) => (
            <code className="wrap-anywhere text-ink1" title={each.summary || undefined}>
              {each.name}
            </code>
          ),
        },
        ...(view === "drivers"
          ? [
              {
                key: "value",
                head: "Is",
                isNumber: true,
                cell: (each: Line) => (
                  <span title={exact(each.value)}>{number(each.value, 2)}</span>
                ),
              },
            ]
          : []),
        {
          key: "moved",
          head: isGeneral ? "Moves it by" : "Moved it",
          isNumber: true,
          cell: (each) => (
            <span title={exact(each.moved)} className="text-ink1">
              {!isGeneral && <Arrow value={each.moved} proven={false} />}
              {isGeneral ? number(each.moved, 4) : signed(each.moved, 4)}
            </span>
          ),
        },
        {
          key: "bar",
          head: <span className="sr-only">Size</span>,
          cell: (each) => (
            <svg width={64} height={12} aria-hidden="true" className="block">
              <rect
                width={Math.max(1, (Math.abs(each.moved) / most) * 64)}
                y={3}
                height={6}
                fill="var(--ink3)"
              />
            </svg>
          ),
        },
      ]}
    />
  );
}
