import { useState } from "react";

import type { Named } from "@/features/symbol/data";
import { exactly } from "@/charts/candles/bars";
import { Candles } from "@/charts/candles/candles";
import { Choices, Legend } from "@/features/symbol/chart-head";
import { sizeOf } from "@/features/symbol/money";
import { useFanRecord, type useKnown, usePanes, useScene } from "@/features/symbol/page-data";
import type { Indicator } from "@/features/symbol/scene";
import { at, spokenChart } from "@/features/symbol/spoken";
import { Twin } from "@/features/symbol/twin";
import { type Asked, Panel } from "@/ui/panel";

const ROOM = 5;

interface ChartPanelProps {
  named: Named;
  query: Asked<unknown>;
  view: ReturnType<typeof useKnown>;
  scene: ReturnType<typeof useScene>;
  cursor: number | null;
  cut: number | null;
  /** How many bars ahead the newest signal looks. */
  horizon: number;
  /** Up to which signal outcomes are known in a replay. */
  until: string | null | undefined;
  isTable: boolean;
  pip: number | null;
  timeZone: string;
  stale: string | undefined;
  onMember: (member: string) => void;
  onPick: (time: number) => void;
  onEarlier: () => void;
  onRange: (first: number) => void;
}

/** The chart with its head; or, by `t`, the table behind it. */
export function ChartPanel(props: ChartPanelProps) {
  const { named, view, scene, cursor, cut, timeZone, pip } = props;
  const { series } = view.known;
  const { bars, decimals } = series;
  const [kind, setKind] = useState<Indicator>("RSI");
  const [pointed, setPointed] = useState<number | null>(null);
  const panes = usePanes(view, kind);
  const record = useFanRecord(named, view.drawn?.member, props.until);
  const name = `${named.symbol} ${named.timeframe}`;
  const place = exactly(bars, pointed ?? cursor ?? NaN);
  const bar = place >= 0 ? bars[place] : bars.at(-1);
  const told = { name, bars, decimals, timeZone };
  return (
    <Panel
      title={name}
      query={props.query}
      stale={props.stale}
      rows={16}
      bare
      empty={<p className="px-3">No bar of {name} is stored.</p>}
      note={() => bar && `bar closed ${at(bar.time, timeZone)}`}
      summary={() => series.simulated && "simulated market"}
      className="desktop:col-span-9"
    >
      {() => (
        <>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-3 pb-2">
            <Legend
              bar={bar}
              decimals={decimals}
              range={panes.range === null ? "–" : sizeOf(panes.range, pip, decimals)}
            />
            <Choices
              fans={view.fans}
              drawn={view.drawn}
              record={record}
              indicator={kind}
              onMember={props.onMember}
              onIndicator={setKind}
            />
          </div>
          {props.isTable ? (
            <Twin
              name={name}
              series={series}
              signals={view.known.signals}
              indicator={panes.indicator}
              timeZone={timeZone}
              cursor={cursor}
              onEarlier={props.onEarlier}
            />
          ) : (
            <Candles
              name={name}
              label={spokenChart(told, view.drawn)}
              className="h-110 tablet:h-[max(520px,calc(100dvh-276px))]"
              bars={bars}
              scene={scene.scene}
              ahead={scene.ahead}
              conviction={panes.conviction}
              indicator={panes.indicator}
              decimals={decimals}
              timeZone={timeZone}
              room={Math.max(ROOM, props.horizon)}
              revealed={cursor ?? cut}
              onPoint={setPointed}
              onPick={props.onPick}
              onRange={props.onRange}
              onEarlier={cut === null ? props.onEarlier : undefined}
            />
          )}
          <Foot view={view} hasFan={view.drawn !== null} />
        </>
      )}
    </Panel>
  );
}

/** How to read it, and whose charts they are. */
function Foot({ view, hasFan }: { view: ChartPanelProps["view"]; hasFan: boolean }) {
  const { drawn, said, known } = view;
  const notes = [
    hasFan && drawn
      ? `Fan: ${drawn.member}${drawn.weight === 0 ? ", which weighs nothing in the pool" : ""}; its end is forecast, its way there drawn by the root of time.`
      : known.signals.length > 0
        ? "No fan: no member that looks at these bars kept its quantiles."
        : "",
    said?.decision === "WAIT" ? "No plan: the newest signal waits." : "",
    "Triangles: decided, and hollow those withheld from MODERATE up; every signal is in the table.",
  ];
  return (
    <p className="flex flex-wrap justify-between gap-x-4 border-t border-hair px-3 py-1 text-label text-ink3">
      <span>{notes.filter(Boolean).join(" ")}</span>
      <a
        href="https://www.tradingview.com/"
        target="_blank"
        rel="noopener noreferrer"
        className="inline-flex min-h-6 items-center text-ink2 underline decoration-control underline-offset-2"
      >
        Charts by TradingView
      </a>
    </p>
  );
}
