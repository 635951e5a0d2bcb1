import { useState } from "react";

import type { Shapes } from "@/api/queries";
import { hoursOf, type Lane, lanesOf, overlapOf } from "@/features/desk/lanes";
import { usePreferences } from "@/lib/preferences";
import { useShortcuts } from "@/lib/shortcuts";
import { short, until } from "@/lib/time";
import { Button } from "@/ui/button";
import { Key } from "@/ui/key";
import { type Asked, Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

const NAMES = 116;

/** When each centre and market trades: 24 hours on one axis, in UTC. */
export function Sessions({ query }: { query: Asked<Shapes["SessionsOut"]> }) {
  const [isTable, setTable] = useState(false);
  const { letters } = usePreferences();
  useShortcuts({ t: () => setTable(!isTable) }, letters);
  return (
    <Panel
      title="Sessions"
      note="UTC"
      query={query}
      rows={6}
      isEmpty={(found) => found.markets.length === 0}
      empty="No market yet: sessions are those of the instruments whose bars are stored."
      summary={(found) => overlapOf(found)}
    >
      {(found) => (
        <>
          {isTable ? <Twin sessions={found} /> : <Strips sessions={found} />}
          <div className="mt-2 flex items-center justify-between gap-2 text-label text-ink3">
            <span>
              {isTable
                ? "Centres: usual desk hours; their holidays stay in."
                : "filled: open, outlined: closed, dashed: holiday"}
            </span>
            <Button kind="quiet" className="!px-1" onClick={() => setTable(!isTable)}>
              {isTable ? "Chart" : "Table"} <Key>t</Key>
            </Button>
          </div>
        </>
      )}
    </Panel>
  );
}

function Strips({ sessions }: { sessions: Shapes["SessionsOut"] }) {
  const lanes = lanesOf(sessions);
  const [start, end, at] = [sessions.start, sessions.end, sessions.at].map((one) =>
    Date.parse(one),
  ) as [number, number, number];
  const now = (at - start) / (end - start);
  return (
    <div className="relative pt-5">
      {hoursOf(sessions).map((hour) => (
        <span
          key={hour.at}
          aria-hidden="true"
          className="absolute inset-y-0 text-label text-ink3"
          style={{ left: place(hour.at) }}
        >
          <span
            className={`absolute top-0 ${hour.at > 0.95 ? "right-0" : hour.at < 0.05 ? "left-0" : "-translate-x-1/2"}`}
          >
            {hour.label}
          </span>
          <span className="absolute top-5 bottom-0 border-l border-hair" />
        </span>
      ))}
      <ul className="relative flex flex-col gap-1">
        {lanes.map((lane) => (
          <Strip key={lane.name} lane={lane} now={now} />
        ))}
      </ul>
      <span
        aria-hidden="true"
        className="absolute top-4 bottom-0 w-px bg-accent"
        style={{ left: place(now) }}
      />
    </div>
  );
}

function place(share: number): string {
  return `calc(${NAMES}px + ${share} * (100% - ${NAMES}px))`;
}

function Strip({ lane, now }: { lane: Lane; now: number }) {
  const ink = lane.isOpen ? "text-ink1 font-semibold" : "text-ink3";
  const isHoliday = lane.holiday !== null && lane.isOpen === false;
  return (
    <li className="flex h-4 items-center" title={titleOf(lane)}>
      <span className={`w-17 shrink-0 truncate ${ink}`}>{lane.name}</span>
      <span className="w-12 shrink-0 pr-2 text-right text-label text-ink2">{lane.local}</span>
      <span className="sr-only">{titleOf(lane)}</span>
      <span aria-hidden="true" className="relative h-2.5 grow">
        {isHoliday && (
          <span className="absolute inset-x-0 -inset-y-0.5 truncate rounded-control border border-dashed border-control px-1 text-key !leading-3 text-ink3">
            {lane.holiday}
          </span>
        )}
        {lane.spans.map((span) => (
          <Bar key={span.opens} from={span.from} to={span.to} now={now} isOpen={!!lane.isOpen} />
        ))}
      </span>
    </li>
  );
}

function Bar({
  from,
  to,
  now,
  isOpen,
}: {
  from: number;
  to: number;
  now: number;
  isOpen: boolean;
}) {
  const box = "absolute inset-y-0";
  const isCurrent = isOpen && from <= now && now < to;
  const at = (left: number, right: number) => ({
    left: `${left * 100}%`,
    width: `${(right - left) * 100}%`,
  });
  if (!isCurrent) {
    return <span className={`${box} border border-control`} style={at(from, to)} />;
  }
  return (
    <>
      <span className={`${box} bg-control`} style={at(from, now)} />
      <span className={`${box} bg-ink2`} style={at(now, to)} />
    </>
  );
}

function titleOf(lane: Lane): string {
  const state =
    lane.isOpen === null ? "not known" : lane.isOpen ? "open" : lane.holiday ? "holiday" : "closed";
  const next = lane.nextOpen
    ? `, opens ${short(lane.nextOpen)} UTC`
    : lane.nextClose
      ? `, closes ${short(lane.nextClose)} UTC`
      : "";
  const holiday = lane.holiday ? ` (${lane.holiday})` : "";
  return `${state}${holiday}${next}; ${lane.sentence}`;
}

function Twin({ sessions }: { sessions: Shapes["SessionsOut"] }) {
  const now = new Date(sessions.at);
  const next = (lane: Lane) =>
    lane.nextOpen
      ? `opens in ${until(lane.nextOpen, now)}`
      : lane.nextClose
        ? `closes in ${until(lane.nextClose, now)}`
        : "–";
  return (
    <Table
      label="Sessions, as a table"
      rows={lanesOf(sessions)}
      keyOf={(lane) => lane.name}
      columns={[
        { key: "name", head: "Market", cell: (lane) => lane.name },
        { key: "local", head: "Local", cell: (lane) => lane.local, isNumber: true },
        {
          key: "state",
          head: "Now",
          cell: (lane) =>
            lane.isOpen === null ? "not known" : lane.isOpen ? "open" : (lane.holiday ?? "closed"),
        },
        { key: "next", head: "Next", cell: next, isNumber: true },
      ]}
    />
  );
}
