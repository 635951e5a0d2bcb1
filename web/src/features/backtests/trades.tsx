import { Link } from "@tanstack/react-router";

import { useInstruments } from "@/api/queries";
import { type Backtest, type Trade, useTrades } from "@/features/backtests/questions";
import { count, number, percent, price, signed } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { short, zoneLabel, zoneName } from "@/lib/time";
import { Button } from "@/ui/button";
import { Change } from "@/ui/direction";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

const USUAL_DECIMALS = 5;

/** Every round trip of a backtest, the first closed first; it grows by pages. */
export function Trades({ report }: { report: Backtest }) {
  const found = useTrades(report.trial);
  const instruments = useInstruments();
  const { zone } = usePreferences();
  const name = zoneName(zone);
  const decimals = new Map(instruments.data?.map((one) => [one.symbol, one.decimals] as const));
  const written = (one: Trade, value: number) =>
    price(value, decimals.get(one.symbol) ?? USUAL_DECIMALS);
  return (
    <Panel
      title="Round trips"
      note={`out of sample${report.simulated ? ", simulated" : ""}, after costs`}
      query={found}
      empty="It made no round trip: nothing had shown enough skill, or no move would have paid for its costs."
      summary={(rows) => `${count(rows.length)} of ${count(report.round_trips)}`}
    >
      {(rows) => (
        <>
          <Table<Trade>
            label="Round trips"
            rows={rows}
            keyOf={(one) => String(one.number)}
            columns={[
              {
                key: "symbol",
                head: "Symbol",
                cell: (one) => (
                  <Link
                    to="/symbol/$symbol/$timeframe"
                    params={{ symbol: one.symbol, timeframe: report.timeframe }}
                    className="inline-flex min-h-6 items-center font-semibold text-ink1 underline decoration-rule underline-offset-2"
                  >
                    {one.symbol}
                  </Link>
                ),
              },
              {
                key: "side",
                head: "Side",
                cell: (one) => <Change value={one.side} text={one.side > 0 ? "LONG" : "SHORT"} />,
              },
              {
                key: "tier",
                head: "Said",
                isMinor: true,
                cell: (one) => `${count(one.score)} ${one.tier}, ${percent(one.probability)} up`,
              },
              {
                key: "entered",
                head: `Entered, ${zoneLabel(new Date(0), name)}`,
                cell: (one) => (
                  <span className="whitespace-nowrap">{short(one.entered, name)}</span>
                ),
              },
              {
                key: "bars",
                head: "Bars",
                cell: (one) => count(one.bars),
                isNumber: true,
                isMinor: true,
              },
              {
                key: "entry",
                head: "Entry",
                cell: (one) => written(one, one.entry),
                isNumber: true,
                isMinor: true,
              },
              {
                key: "exit",
                head: "Exit",
                cell: (one) => written(one, one.exit),
                isNumber: true,
                isMinor: true,
              },
              {
                key: "stop",
                head: "Stop",
                cell: (one) => written(one, one.stop),
                isNumber: true,
                isMinor: true,
              },
              {
                key: "target",
                head: "Target",
                cell: (one) => written(one, one.target),
                isNumber: true,
                isMinor: true,
              },
              { key: "end", head: "Ended by", cell: endOf, isMinor: true },
              {
                key: "r",
                head: "Result",
                isNumber: true,
                cell: (one) => (
                  <>
                    {(one.r ?? 0) > 0 ? "✓" : "✕"} {signed(one.r)} R
                  </>
                ),
              },
              {
                key: "pnl",
                head: "P&L",
                isNumber: true,
                isMinor: true,
                cell: (one) => <Change value={one.pnl} text={signed(one.pnl)} />,
              },
              {
                key: "cost",
                head: "Costs",
                isNumber: true,
                isMinor: true,
                cell: (one) => number(one.fees + one.cost),
              },
            ]}
          />
          {found.hasMore && (
            <Button className="mt-2" onClick={found.more}>
              Show more
            </Button>
          )}
        </>
      )}
    </Panel>
  );
}

function endOf(one: Trade): string {
  return [
    one.reason,
    one.ambiguous ? "its bar reached both" : "",
    one.gapped ? "opened beyond the stop" : "",
  ]
    .filter(Boolean)
    .join(", ");
}
