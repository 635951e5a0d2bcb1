import type { Whole } from "@/features/experiments/questions";
import { count, percent, signed, signedPercent } from "@/lib/format";
import { age } from "@/lib/time";
import { Frame } from "@/ui/panel";
import { Table } from "@/ui/table";

/** Each finished fold with each seed. */
export function Folds({ one }: { one: Whole }) {
  if (one.folds.length === 0) return null;
  return (
    <Frame
      title="Folds"
      note={`out of sample${one.simulated ? ", simulated" : ""}; each alone is too short to judge`}
    >
      <div className="max-h-80 overflow-y-auto" tabIndex={0} role="group" aria-label="Folds">
        <Table
          label="Folds"
          rows={one.folds}
          keyOf={(fold) => `${fold.fold} ${fold.seed}`}
          columns={[
            { key: "fold", head: "Fold, seed", cell: (fold) => `${fold.fold}, ${fold.seed}` },
            {
              key: "days",
              head: "From, to",
              cell: (fold) => `${fold.first_day}, ${fold.last_day}`,
            },
            { key: "n", head: "Days", cell: (fold) => count(fold.days), isNumber: true },
            {
              key: "return",
              head: "Net return",
              cell: (fold) => signedPercent(fold.net_return),
              isNumber: true,
            },
            {
              key: "trades",
              head: "Won of trades",
              cell: (fold) => `${count(fold.won)} of ${count(fold.trades)}`,
              isNumber: true,
            },
            {
              key: "hit",
              head: "Right side",
              cell: (fold) => percent(fold.hit_rate),
              isNumber: true,
              isMinor: true,
            },
            {
              key: "gain",
              head: "Log-loss gain",
              cell: (fold) => signed(fold.log_loss_gain, 5),
              isNumber: true,
              isMinor: true,
            },
            {
              key: "took",
              head: "Took",
              cell: (fold) => age(fold.seconds),
              isNumber: true,
              isMinor: true,
            },
          ]}
        />
      </div>
    </Frame>
  );
}

/** What a search tried inside the folds; each try is counted in the family. */
export function Tries({ one }: { one: Whole }) {
  if (one.tries.length === 0) return null;
  return (
    <Frame title="Tries of the search" note="scores of inner folds, in sample; less is better">
      <div className="max-h-60 overflow-y-auto" tabIndex={0} role="group" aria-label="Tries">
        <Table
          label="Tries of the search"
          rows={one.tries.map((each, n) => ({ ...each, n }))}
          keyOf={(each) => String(each.n)}
          isQuiet={(each) => each.state !== "finished"}
          columns={[
            { key: "fold", head: "Fold", cell: (each) => count(each.fold) },
            { key: "state", head: "State", cell: (each) => each.reason ?? each.state },
            {
              key: "settings",
              head: "Settings",
              cell: (each) => <code>{JSON.stringify(each.settings)}</code>,
            },
            {
              key: "scores",
              head: "Scores",
              cell: (each) => each.scores.map((score) => signed(score, 4)).join(", "),
              isNumber: true,
            },
          ]}
        />
      </div>
    </Frame>
  );
}

/** The file as it was written, and all that was asked, every default said. */
export function Settings({ one }: { one: Whole }) {
  return (
    <Frame title="Configuration" note={`gate ${one.profile}, seeds ${one.seeds.join(", ")}`}>
      <details open>
        <summary className="min-h-6 font-semibold text-ink1">The file</summary>
        <Code text={one.file} label="The experiment file" />
      </details>
      <details>
        <summary className="min-h-6 font-semibold text-ink1">All of it, with the defaults</summary>
        <Code text={JSON.stringify(one.configuration, null, 2)} label="The whole configuration" />
      </details>
      <details>
        <summary className="min-h-6 font-semibold text-ink1">Libraries and machine</summary>
        <Code
          text={Object.entries({ ...one.libraries, ...one.machine })
            .map(([name, value]) => `${name} ${String(value)}`)
            .join("\n")}
          label="Libraries and machine"
        />
      </details>
    </Frame>
  );
}

function Code({ text, label }: { text: string; label: string }) {
  return (
    <pre
      tabIndex={0}
      role="group"
      aria-label={label}
      className="max-h-80 overflow-auto rounded-control bg-inset p-2 break-words whitespace-pre-wrap"
    >
      <code>{text}</code>
    </pre>
  );
}
