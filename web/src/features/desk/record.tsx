import type { Shapes } from "@/api/queries";
import { count, number, percent, signed, signedPercent } from "@/lib/format";
import { Figure } from "@/ui/figure";
import { type Asked, Panel } from "@/ui/panel";

type Group = Shapes["TrackGroup"];

/** What the desk's own signals came to, a line a kind of signals. */
export function Record({ query }: { query: Asked<Shapes["TrackOut"]> }) {
  return (
    <Panel
      title="Record of the desk"
      note="issued signals, out of sample, after costs"
      query={query}
      rows={3}
      isEmpty={(found) => found.groups.length === 0}
      empty={query.data ? nothingYet(query.data) : ""}
      summary={(found) => `${count(found.open)} open`}
    >
      {(found) => (
        <>
          {found.groups.map((group) => (
            <Line key={group.kind} group={group} />
          ))}
          {found.left_out > 0 && <p className="text-label text-ink3">{leftOut(found.left_out)}</p>}
        </>
      )}
    </Panel>
  );
}

function nothingYet({ open, left_out }: Shapes["TrackOut"]): string {
  const still = open > 0 ? `${count(open)} open` : "none is open";
  if (left_out > 0)
    return `No signal out of sample is resolved yet, ${still}. ${leftOut(left_out)}`;
  return open > 0
    ? `No signal is resolved yet, ${still}.`
    : "No signal has been issued yet; the record begins with the first.";
}

function leftOut(many: number): string {
  return `${count(many)} resolved in sample are left out: the pool had learnt from what came of them, so they prove nothing.`;
}

function Line({ group }: { group: Group }) {
  const brier = group.brier.gain;
  return (
    <div className="border-t border-hair py-2 first:border-t-0">
      <dl className="grid grid-cols-2 gap-3 tablet:grid-cols-4">
        <Said
          name="Right side"
          what={group.hit_rate}
          against={0.5}
          kind={group.kind}
          write={percent}
          ends={inPercent}
        />
        <Said
          name="Mean result"
          what={group.r}
          against={0}
          kind={group.kind}
          write={inR}
          ends={signed}
        />
        <Said
          name="Mean net return"
          what={group.net_return}
          against={0}
          kind={group.kind}
          write={signedPercent}
          ends={inSignedPercent}
        />
        <Said
          name="Brier gain over base"
          what={brier}
          against={0}
          kind={group.kind}
          write={(value) => signed(value, 4)}
        />
      </dl>
      <p className="pt-1 text-label text-ink3">
        {count(group.n)} resolved on {count(group.days)} days: {count(group.moved)} moved,{" "}
        {count(group.flat)} flat, {count(group.unknown)} without an outcome. Withheld:{" "}
        {count(group.withheld.missed)} missed, {count(group.withheld.spared)} spared (hypothetical).
      </p>
    </div>
  );
}

const inPercent = (value: number | null | undefined) =>
  number(value == null ? value : value * 100, 1);
const inSignedPercent = (value: number | null | undefined) =>
  signed(value == null ? value : value * 100);
const inR = (value: number | null | undefined) => `${signed(value)} R`;

interface SaidProps {
  name: string;
  what: Shapes["Mean"];
  against: number;
  kind: string;
  write: (value: number | null | undefined) => string;
  ends?: (value: number | null | undefined) => string;
}

function Said({ name, what, against, kind, write, ends = write }: SaidProps) {
  // outcomes on too few days have no interval either, however many they are
  const few =
    what.too_few && what.n >= 30
      ? `n ${count(what.n)} on ${count(what.days)} days, too few`
      : undefined;
  return (
    <div>
      <dt className="text-label text-ink3">{name}</dt>
      <dd>
        <Figure
          estimate={what}
          write={write}
          kind={kind}
          ends={ends}
          against={against}
          size="headline"
          reason={what.n === 0 ? "nothing to average yet" : undefined}
          few={few}
        />
      </dd>
    </div>
  );
}
