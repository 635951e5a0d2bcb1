import { useState } from "react";

import { Curves } from "@/features/backtests/curves";
import { Told } from "@/features/backtests/figures";
import { fewOf } from "@/features/backtests/list";
import { Months } from "@/features/backtests/months";
import { type Backtest, useBacktest } from "@/features/backtests/questions";
import { Reliable } from "@/features/backtests/reliability";
import { Cuts, Hours, Soundness, Worst } from "@/features/backtests/rest";
import { Said } from "@/features/backtests/said";
import { Trades } from "@/features/backtests/trades";
import { count, number } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { useShortcuts } from "@/lib/shortcuts";
import { Button } from "@/ui/button";
import { Key } from "@/ui/key";
import { Frame, Panel } from "@/ui/panel";
import { signs } from "@/ui/words";

const FIRST = 2;

/** The report of one backtest, whole. */
export function OneBacktest({ trial }: { trial: string }) {
  const found = useBacktest(trial);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <Panel
        title={found.data?.title ?? "Backtest"}
        note={(one) => <span className="break-words">{one.subtitle}</span>}
        query={found}
        rows={6}
        empty="There is no such backtest."
        summary={(one) => kindOf(one)}
      >
        {(one) => (
          <>
            <div className="flex flex-col gap-1 text-prose text-ink1">
              {one.summary.slice(0, FIRST).map((said) => (
                <p key={said}>{signs(said)}</p>
              ))}
            </div>
            <ul className="gap-6 pt-2 text-prose desktop:columns-2">
              {one.summary.slice(FIRST).map((said) => (
                <li key={said} className="break-inside-avoid pb-1">
                  {signs(said)}
                </li>
              ))}
            </ul>
            <p className="pt-1 text-label text-ink3">
              Of {fewOf(one.symbols, 6)} on {one.timeframe}; equity at the start{" "}
              {count(one.start_equity)}.
            </p>
          </>
        )}
      </Panel>
      {found.data && <Report report={found.data} />}
    </div>
  );
}

const kindOf = (one: Backtest) => `out of sample${one.simulated ? ", simulated" : ""}`;

function Report({ report }: { report: Backtest }) {
  const [isTable, setTable] = useState(false);
  const { letters } = usePreferences();
  useShortcuts({ t: () => setTable(!isTable) }, letters);
  const kind = kindOf(report);
  const twin = (
    <Button
      kind="quiet"
      className="!px-1"
      aria-pressed={isTable}
      onClick={() => setTable(!isTable)}
    >
      {isTable ? "Chart" : "Table"} <Key>t</Key>
    </Button>
  );
  return (
    <div className="grid grid-cols-1 items-start gap-2 *:min-w-0 desktop:grid-cols-12">
      <Frame
        title="Equity"
        note={`${kind}, after costs`}
        summary={twin}
        className="desktop:col-span-8"
      >
        <Curves report={report} isTable={isTable} />
      </Frame>
      <Figures report={report} />
      <Frame title="By regime" note={kind} className="desktop:col-span-6">
        <Said label="By regime" table={report.regimes} drawn="Sharpe" />
      </Frame>
      <Frame title="Month by month" note={kind} className="desktop:col-span-6">
        <Months years={report.months} />
      </Frame>
      <Frame
        title="Under other costs"
        note={kind}
        summary={`break-even: ${breakEven(report.costs.break_even)}`}
        className="desktop:col-span-6"
      >
        <Said label="Under other costs" table={report.costs.table} drawn="Sharpe" />
      </Frame>
      <Frame
        title="Bars that reached both stop and target"
        note={kind}
        summary={`${count(report.resolutions.touched)} trades ended in one`}
        className="desktop:col-span-6"
      >
        <Said label="Bars that reached both" table={report.resolutions.table} drawn="Sharpe" />
      </Frame>
      <Frame title="Conviction against outcome" note={kind} className="desktop:col-span-7">
        <Said label="Conviction against outcome" table={report.tiers} drawn="Mean move" />
      </Frame>
      <Frame
        title="Reliability"
        note="said against came true"
        summary={twin}
        className="desktop:col-span-5"
      >
        {report.reliability ? (
          <Reliable found={report.reliability} kind={kind} isTable={isTable} />
        ) : (
          <p className="text-prose">There is too little to draw.</p>
        )}
      </Frame>
      <Frame title="Members" note={kind} className="desktop:col-span-7">
        <div className="max-h-100 overflow-y-auto" tabIndex={0} role="group" aria-label="Members">
          <Said label="Members" table={report.members} drawn="Gain" />
        </div>
      </Frame>
      <div className="flex flex-col gap-2 desktop:col-span-5">
        <Frame title="Trades in figures" note={kind} summary={refereed(report.referee)}>
          <Said label="Trades in figures" table={report.trades} />
        </Frame>
        <Frame title="Deepest falls" note={kind}>
          <Said label="Deepest falls" table={report.falls} most={5} />
        </Frame>
      </div>
      <div className="desktop:col-span-12">
        <Trades report={report} />
      </div>
      <div className="flex flex-col gap-2 desktop:col-span-7">
        <Worst report={report} />
        <Soundness report={report} />
      </div>
      <div className="flex flex-col gap-2 desktop:col-span-5">
        <Hours report={report} />
        <Cuts report={report} />
      </div>
    </div>
  );
}

function breakEven(times: number | null): string {
  if (times === null) return "none found";
  return times === 0 ? "none: it loses without costs" : `${number(times, 1)} times the costs`;
}

function refereed(said: Record<string, number>): string {
  return Object.entries(said)
    .map(([verdict, times]) => `${verdict} ${count(times)}`)
    .join(", ");
}

/** The figures of the account, the chain's first; the baselines by choice. */
function Figures({ report }: { report: Backtest }) {
  const owners = [...new Set(report.figures.map((one) => one.of))];
  const [of, setOf] = useState(owners[0]);
  const shown = report.figures.filter((one) => one.of === of);
  const own = of === owners[0];
  return (
    <Frame
      title="Figures"
      note="after costs"
      className="desktop:col-span-4"
      summary={
        <label className="flex items-center gap-2">
          Of
          <select
            value={of}
            onChange={(event) => setOf(event.target.value)}
            className="min-h-6 rounded-control border border-control bg-inset px-1 text-ink1"
          >
            {owners.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      }
    >
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2">
        {[
          ...shown,
          ...(own ? report.trading : []),
          ...(own && report.accuracy ? [report.accuracy] : []),
        ].map((one) => (
          <div key={one.name}>
            <dt className="text-label text-ink3">{one.title}</dt>
            <dd>
              <Told one={one} size="body" />
            </dd>
          </div>
        ))}
      </dl>
    </Frame>
  );
}
