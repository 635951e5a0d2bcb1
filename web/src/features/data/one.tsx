import { Link } from "@tanstack/react-router";

import { Days } from "@/features/data/days";
import { Comparisons, Flaws, Gaps } from "@/features/data/odd";
import { type Checked, type Look, useLook } from "@/features/data/questions";
import { Sync } from "@/features/data/sync";
import { count, number, percent } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { full, short, zoneName } from "@/lib/time";
import { Frame, Panel } from "@/ui/panel";
import { Table } from "@/ui/table";
import { signs } from "@/ui/words";

const LINK =
  "inline-flex min-h-6 items-center text-ink2 underline decoration-control underline-offset-2";

/** One stored series, held against its calendar. */
export function OneSeries({ symbol, timeframe }: { symbol: string; timeframe: string }) {
  const look = useLook(symbol, timeframe);
  const { zone } = usePreferences();
  const name = zoneName(zone);
  const found = look.data?.found;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <nav aria-label="Around this series" className="flex gap-4">
          <Link to="/data" className={LINK}>
            All series
          </Link>
          <Link to="/symbol/$symbol/$timeframe" params={{ symbol, timeframe }} className={LINK}>
            Chart of {symbol} {timeframe}
          </Link>
        </nav>
        <Sync symbols={[symbol]} />
      </div>
      <Panel
        title={`${symbol} ${timeframe}`}
        note={(one) => one.found && `from ${one.found.source}`}
        query={look}
        rows={6}
        empty="No bars of it are stored."
        summary={(one) => (one.simulated ? "simulated market" : "")}
      >
        {(one) => <About look={one} zone={name} />}
      </Panel>
      {found && <Days found={found} name={`${symbol} ${timeframe}`} />}
      {found && (
        <div className="grid grid-cols-1 items-start gap-2 *:min-w-0 desktop:grid-cols-2">
          <div className="flex flex-col gap-2 *:min-w-0">
            <Years found={found} />
            <Flaws found={found} zone={name} />
            <Comparisons symbol={symbol} timeframe={timeframe} zone={name} found={found} />
          </div>
          <Gaps found={found} symbol={symbol} timeframe={timeframe} zone={name} />
        </div>
      )}
    </div>
  );
}

function About({ look, zone }: { look: Look; zone: string }) {
  const { found } = look;
  return (
    <div className="flex flex-col gap-2">
      {look.problem && (
        <p role="alert" className="text-prose text-alarm">
          {look.problem}
        </p>
      )}
      {look.looking && (
        <p role="status" className="text-prose">
          It is being looked at{found ? "; what is shown is from before" : ""}.
        </p>
      )}
      {found && (
        <>
          <dl className="flex flex-wrap gap-x-8 gap-y-2">
            {factsOf(found).map(([title, value, note]) => (
              <div key={title}>
                <dt className="text-label text-ink3">{title}</dt>
                <dd>
                  <span className="text-headline font-semibold text-ink1">{value}</span>
                  {note && <span className="block text-label text-ink3">{note}</span>}
                </dd>
              </div>
            ))}
          </dl>
          {found.thin && <p className="text-prose">! {found.thin}</p>}
          {found.outside > 0 && (
            <p className="text-prose">
              {count(found.outside)} bars lie where the calendar is closed, from{" "}
              {short(found.outside_first, zone)} to {short(found.outside_last, zone)}.
            </p>
          )}
        </>
      )}
      {look.looked_at && (
        <p className="text-label text-ink3">
          Looked at {full(look.looked_at, zone)}
          {look.current ? "" : "; bars came or changed since"}.
        </p>
      )}
    </div>
  );
}

function factsOf(found: Checked): [string, string, string][] {
  return [
    [
      "Score",
      number(found.score),
      signs(found.score_words.split("=")[1]?.trim() ?? "")
        .replaceAll(" x ", " × ")
        .replaceAll(" - ", " − "),
    ],
    ["Bars", count(found.rows), `of ${count(found.expected)} expected`],
    ["Missing", count(found.missing), `coverage ${percent(found.coverage, 2)}`],
    [
      "Flagged as misleading",
      count(found.flagged),
      `${count(found.flaw_count)} ${found.flaw_count === 1 ? "finding" : "findings"}`,
    ],
    ["Without volume", count(found.zero_volume), `${count(found.flat)} with high equal to low`],
  ];
}

function Years({ found }: { found: Checked }) {
  return (
    <Frame title="Year by year" note="UTC; a feed that changed shows here">
      <Table
        label="Coverage by year"
        rows={found.years}
        keyOf={(one) => String(one.year)}
        columns={[
          {
            key: "year",
            head: "Year",
            cell: (one) => <span className="font-semibold text-ink1">{one.year}</span>,
          },
          { key: "rows", head: "Bars", cell: (one) => count(one.rows), isNumber: true },
          { key: "expected", head: "Expected", cell: (one) => count(one.expected), isNumber: true },
          { key: "missing", head: "Missing", cell: (one) => count(one.missing), isNumber: true },
          {
            key: "coverage",
            head: "Coverage",
            cell: (one) => percent(one.coverage, 2),
            isNumber: true,
          },
          {
            key: "volume",
            head: "Median volume",
            cell: (one) => count(one.volume),
            isNumber: true,
            isMinor: true,
          },
        ]}
      />
    </Frame>
  );
}
