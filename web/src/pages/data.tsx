import { useNavigate, useParams } from "@tanstack/react-router";

import { Coverage } from "@/features/data/coverage";
import { OneSeries } from "@/features/data/one";
import { Worst } from "@/features/data/series";
import { Sources } from "@/features/data/sources";
import { Sync } from "@/features/data/sync";

/** How complete and how sound the bars are, and where they can come from; or one series. */
export default function DataPage() {
  const { symbol, timeframe } = useParams({ strict: false });
  const navigate = useNavigate();
  const open = (one: string, frame: string) =>
    void navigate({ to: "/data/$symbol/$timeframe", params: { symbol: one, timeframe: frame } });
  if (symbol && timeframe) {
    return <OneSeries key={`${symbol} ${timeframe}`} symbol={symbol} timeframe={timeframe} />;
  }
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <Sync />
      <Coverage onOpen={open} />
      <div className="grid grid-cols-1 items-start gap-2 *:min-w-0 desktop:grid-cols-[5fr_7fr]">
        <Worst onOpen={open} />
        <Sources />
      </div>
    </div>
  );
}
