import { verdictWord } from "@/features/experiments/figures";
import { useVerdict, type Verdict } from "@/features/experiments/questions";
import { count, number } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { full, zoneName } from "@/lib/time";
import { Frame, Panel } from "@/ui/panel";
import { Strip } from "@/ui/strip";
import { Table } from "@/ui/table";
import { signs } from "@/ui/words";

type Line = Verdict["lines"][number];

const HIGHEST = "LIVE";

/** What one line says: pass, fail, open where it could not be judged, or how far it lets the run go. */
export function markOf(line: Pick<Line, "passed" | "allows">): { mark: string; look: string } {
  if (line.passed === false) return { mark: "✕ fail", look: "font-semibold text-alarm" };
  if (line.passed === null) return { mark: "◦ open", look: "text-ink3" };
  if (line.allows !== null && line.allows !== HIGHEST) {
    return { mark: `! up to ${line.allows}`, look: "font-semibold text-ink1" };
  }
  return { mark: "✓ pass", look: "" };
}

/** What the gate said of a run, line by line, a table for each of its tiers. */
export function Gate({ id, verdict }: { id: string; verdict: string | null }) {
  const found = useVerdict(id, verdict !== null);
  const { zone } = usePreferences();
  if (verdict === null) {
    return (
      <Frame title="Gate">
        <p className="text-prose">
          The gate has said nothing of this run: it judges those that finished, in the order in
          which they were registered.
        </p>
      </Frame>
    );
  }
  return (
    <Panel
      title="Gate"
      query={found}
      rows={12}
      empty="The gate has said nothing of this run."
      note={(one) => `${one.profile}, ${count(one.lines.length)} lines`}
      summary={(one) => (
        <b className={`font-semibold ${one.verdict === "FAIL" ? "text-alarm" : "text-ink1"}`}>
          {verdictWord(one.verdict)}
        </b>
      )}
    >
      {(one) => (
        <div className="flex flex-col gap-3">
          <p className="text-label text-ink3">
            Judged {full(one.at, zoneName(zone))}; corrected for {count(one.trial_count)} trials
            {one.alpha_spent === null ? "" : `, level spent ${number(one.alpha_spent, 5)}`}
            {one.simulated ? "; a simulated market" : ""}. The least that a line allows is the
            verdict.
          </p>
          {tiersOf(one.lines).map(([tier, lines]) => (
            <Tier key={tier} tier={tier} lines={lines} />
          ))}
        </div>
      )}
    </Panel>
  );
}

function Tier({ tier, lines }: { tier: string; lines: readonly Line[] }) {
  const passed = lines.filter((line) => markOf(line).mark === "✓ pass").length;
  return (
    <section aria-label={tier}>
      <h3 className="flex justify-between bg-inset px-1 text-ink2">
        <span className="font-semibold">{tier.slice(0, 1).toUpperCase() + tier.slice(1)}</span>
        <span className="text-label text-ink3">
          {count(passed)} of {count(lines.length)} pass
        </span>
      </h3>
      <Table<Line>
        label={`Gate, ${tier}`}
        rows={lines}
        keyOf={(line) => line.check}
        columns={[
          {
            key: "said",
            head: "Line",
            cell: (line) => (
              <>
                <code className="text-ink1">{line.check}</code>
                <span className="block">{signs(line.sentence)}</span>
              </>
            ),
          },
          {
            key: "strip",
            head: "Found, tick = needed",
            isMinor: true,
            cell: (line) => <Held line={line} />,
          },
          {
            key: "verdict",
            head: "Verdict",
            cell: (line) => {
              const { mark, look } = markOf(line);
              return <span className={`whitespace-nowrap ${look}`}>{mark}</span>;
            },
          },
        ]}
      />
    </section>
  );
}

/** What was found, drawn against what was needed. */
function Held({ line }: { line: Line }) {
  const { statistic, threshold } = line;
  if (statistic === null) return <>–</>;
  const digits = digitsOf(statistic, threshold);
  const words = `${held(statistic, digits)}${threshold === null ? "" : ` against ${held(threshold, digits)}`}`;
  return (
    <>
      {threshold !== null && (
        <Strip
          low={null}
          high={null}
          value={statistic}
          threshold={threshold}
          range={around(statistic, threshold)}
          label={words}
        />
      )}
      <span className="block text-label whitespace-nowrap text-ink3">{words}</span>
    </>
  );
}

const LEAST = 0.00001;

/** A number that is too small to be told is said to be that small. */
export function held(value: number, digits: number): string {
  return value !== 0 && Math.abs(value) < LEAST
    ? `under ${number(LEAST, 5)}`
    : number(value, digits);
}

/** Enough decimals that the smaller of both is not all zeros. */
export function digitsOf(...values: readonly (number | null)[]): number {
  const sizes = values.filter((one) => one !== null && one !== 0).map((one) => Math.abs(one ?? 1));
  const least = Math.min(1, ...sizes);
  if (sizes.every((one) => Number.isInteger(one))) return 0;
  return least < 0.001 ? 5 : least < 0.1 ? 3 : 2;
}

function around(a: number, b: number): [number, number] {
  const low = Math.min(a, b, 0);
  const high = Math.max(a, b, 0);
  const room = (high - low || 1) * 0.1;
  return [low - room, high + room];
}

function tiersOf(lines: readonly Line[]): [string, Line[]][] {
  const found = new Map<string, Line[]>();
  for (const line of lines) found.set(line.tier, [...(found.get(line.tier) ?? []), line]);
  return [...found];
}
