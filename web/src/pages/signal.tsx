import { useNavigate, useParams } from "@tanstack/react-router";

import { useSignal } from "@/api/queries";
import { SignalList } from "@/features/signal/list";
import { useMarketZone, useSignals } from "@/features/signal/questions";
import { SignalView } from "@/features/signal/signal-view";
import { usePreferences } from "@/lib/preferences";
import { zoneLabel, zoneName } from "@/lib/time";

/** One signal, whole; without a name the newest, under the list to choose from. */
export default function Page() {
  const { id } = useParams({ strict: false });
  const navigate = useNavigate();
  const { zone } = usePreferences();
  const newest = useSignals({});
  const shown = id ?? newest.data?.[0]?.id;
  const symbol = useSignal(shown).data?.symbol;
  const market = useMarketZone(symbol, zone === "exchange");
  const timeZone = zoneName(zone, market);
  const open = (to: string) => void navigate({ to: "/signal/$id", params: { id: to } });
  // stepping through a series is one visit: Esc leads back to where it began
  const step = (to: string) =>
    void navigate({ to: "/signal/$id", params: { id: to }, replace: id !== undefined });
  return (
    <div className="flex flex-col gap-2">
      {id === undefined && (
        <SignalList
          current={shown}
          zone={zoneLabel(new Date(), timeZone)}
          timeZone={timeZone}
          onOpen={open}
        />
      )}
      {shown && (
        <SignalView key={shown} id={shown} timeZone={timeZone} onSignal={open} onStep={step} />
      )}
    </div>
  );
}
