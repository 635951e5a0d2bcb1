import { Told } from "@/features/experiments/figures";
import { Gate } from "@/features/experiments/gate";
import { useRun, type Whole } from "@/features/experiments/questions";
import { Folds, Settings, Tries } from "@/features/experiments/whole";
import { count, hash, number, percent, signed } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { age, full, zoneName } from "@/lib/time";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";
import { signs } from "@/ui/words";

/** One run: what was thought, what was found, and what the gate said of it. */
export function OneRun({ id }: { id: string }) {
  const found = useRun(id);
  return (
    <>
      <Panel
        title={found.data?.title ?? "Run"}
        note={<code>{id.slice(0, 12)}</code>}
        query={found}
        rows={10}
        empty="There is no such run."
        summary={(one) => `${one.status}${one.simulated ? ", simulated" : ""}`}
      >
        {(one) => <About one={one} />}
      </Panel>
      {found.data && <Gate id={found.data.id} verdict={found.data.verdict} />}
    </>
  );
}

/** How that run went fold by fold, and how to repeat it. */
export function RestOfRun({ id }: { id: string }) {
  const { data } = useRun(id);
  if (!data) return null;
  return (
    <>
      <Folds one={data} />
      <Tries one={data} />
      <Settings one={data} />
    </>
  );
}

function About({ one }: { one: Whole }) {
  const { zone } = usePreferences();
  const name = zoneName(zone);
  return (
    <div className="flex flex-col gap-3">
      {one.reason && (
        <p className="text-prose text-alarm">
          {one.status}: {signs(one.reason)}
        </p>
      )}
      <section aria-label="Hypothesis">
        <h3 className="text-label text-ink3">Hypothesis, stored before anything was computed</h3>
        <p className="text-prose text-ink1">{one.hypothesis}</p>
      </section>
      {one.figures ? (
        <Found figures={one.figures} />
      ) : (
        <p className="text-prose">It has found nothing{one.status === "running" ? " yet" : ""}.</p>
      )}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4">
        <dt className="text-ink3">Family</dt>
        <dd>
          {one.family}, {count(one.tried_in_family)} configurations tried: the gate corrects for
          them
        </dd>
        <dt className="text-ink3">Begun</dt>
        <dd>
          {full(one.started_at, name)}
          {one.seconds !== null && `, took ${age(one.seconds)}`}
        </dd>
        <dt className="text-ink3">Code</dt>
        <dd>
          <code>{one.code_version}</code>
          {one.uncommitted_lines
            ? ` and ${count(one.uncommitted_lines)} lines that are not committed`
            : ""}
        </dd>
        <dt className="text-ink3">Data</dt>
        <dd>
          <code>{hash(one.data_fingerprint)}</code>
        </dd>
      </dl>
    </div>
  );
}

/** Sharpe ratios of the same folds under other costs, late, and of what it is held against. */
const BESIDE: readonly (readonly [string, string])[] = [
  ["net", "as assumed"],
  ["gross", "before costs"],
  ["double", "costs doubled"],
  ["delayed", "one bar late"],
  ["optimistic", "targets first"],
  ["shifted", "half a test later"],
  ["hold", "buy and hold"],
  ["naive", "naive"],
  ["momentum", "momentum"],
];

function Found({ figures }: { figures: NonNullable<Whole["figures"]> }) {
  const kind = `out of sample${figures.simulated ? ", simulated" : ""}`;
  return (
    <>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 tablet:grid-cols-3">
        {figures.figures.map((one) => (
          <div key={one.name}>
            <dt className="text-label text-ink3">{one.title}</dt>
            <dd>
              <Told one={one} />
            </dd>
          </div>
        ))}
      </dl>
      <p className="text-label text-ink3">
        p {number(figures.p_value, 3)} of its net Sharpe, not corrected for what else was tried;{" "}
        {percent(figures.inside)} of outcomes inside the outermost quantiles; n{" "}
        {count(figures.days)} days in {count(figures.folds)} folds, {kind}.
      </p>
      <Table
        label="Its Sharpe beside others"
        rows={BESIDE.filter(([key]) => key in figures.sharpe)}
        keyOf={([key]) => key}
        columns={[
          { key: "what", head: "Beside it", cell: ([, word]) => word },
          {
            key: "sharpe",
            head: `Sharpe, n ${count(figures.days)}, ${kind}, no interval`,
            cell: ([key]) => signed(figures.sharpe[key]),
            isNumber: true,
          },
        ]}
      />
    </>
  );
}
