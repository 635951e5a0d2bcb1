import { useQueryClient } from "@tanstack/react-query";

import { answered, service } from "@/api/client";
import { type Shapes, useAsked, useBoard, useSystem } from "@/api/queries";
import { Board } from "@/features/board/board";
import { Changes } from "@/features/desk/changes";
import { Events } from "@/features/desk/events";
import { Freshness } from "@/features/desk/freshness";
import { closedSymbols, marketTime } from "@/features/desk/market";
import {
  useEvents,
  useQualities,
  useRecord,
  useResolved,
  useSessions,
} from "@/features/desk/questions";
import { Record } from "@/features/desk/record";
import { Resolved } from "@/features/desk/resolved";
import { Sessions } from "@/features/desk/sessions";
import { Guide } from "@/features/guide/guide";
import { isFirstRun, stepsOf } from "@/features/guide/steps";
import { usePreferences } from "@/lib/preferences";
import { zoneName } from "@/lib/time";

export default function Page() {
  const board = useBoard();
  const system = useSystem();
  const { zone, guided } = usePreferences();
  const isSimulated = system.data?.simulated ?? false;
  const at = marketTime(board.data, isSimulated);
  const steps = useSteps(board.data, isSimulated);
  const isFirst = steps !== null && isFirstRun(steps) && !guided;
  const sessions = useSessions(at);
  const closed = closedSymbols(sessions.data, zoneName(zone));
  const [record, events, qualities, resolved] = [
    useRecord(),
    useEvents(at),
    useQualities(),
    useResolved(),
  ];
  const canStart = useScopes().includes("research");
  return (
    <>
      <h1 className="sr-only">Desk</h1>
      {isFirst && (
        <div className="mb-2">
          <Guide steps={steps} canStart={canStart} />
        </div>
      )}
      {!(isFirst && board.data?.places.length === 0) && (
        <div className="grid grid-cols-1 items-start gap-2 desktop:grid-cols-[minmax(0,1fr)_minmax(280px,308px)]">
          <div className="flex min-w-0 flex-col gap-2">
            <Board query={board} closed={closed} />
            <Changes query={board} />
            <Record query={record} />
          </div>
          <div className="grid min-w-0 grid-cols-1 gap-2 tablet:max-desktop:grid-cols-2 tablet:max-desktop:items-start">
            <Sessions query={sessions} />
            <Events query={events} at={at} />
            <Freshness board={board} qualities={qualities} closed={closed} at={at} />
            <Resolved query={resolved} />
          </div>
        </div>
      )}
    </>
  );
}

/** How far the first run is; null while that is not known. */
function useSteps(board: Shapes["BoardOut"] | undefined, isSimulated: boolean) {
  const hasSignal = board?.places.some((one) => one.signal !== null) ?? false;
  const members = useAsked(
    ["members", "guide"],
    () => answered(service.GET("/api/v1/members", { params: { query: { limit: 1 } } })),
    { isOn: board !== undefined && !hasSignal },
  );
  if (!board || (!hasSignal && !members.data)) return null;
  const hasModels = hasSignal || (members.data?.items.length ?? 0) > 0;
  return stepsOf({ board, hasModels, isSimulated });
}

/** What the person may do, as the gate was told. */
function useScopes(): readonly string[] {
  const me = useQueryClient().getQueryData<{ scopes: string[] }>(["me"]);
  return me?.scopes ?? [];
}
