import { type Quality, useQuality } from "@/features/data/questions";
import { count, number, percent } from "@/lib/format";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

const MOST = 12;

/** The series that are the least complete or sound, the worst first. */
export function Worst({ onOpen }: { onOpen: (symbol: string, timeframe: string) => void }) {
  const quality = useQuality();
  return (
    <Panel
      title="Lowest scores"
      note="grey: bars came since it was looked at"
      query={quality}
      rows={8}
      isEmpty={(found) => found.items.length === 0}
      empty={
        quality.data?.looking
          ? "Nothing was looked at yet; it is being looked at."
          : "No bars are stored."
      }
      summary={(found) =>
        `${count(Math.min(MOST, found.items.length))} of ${count(found.items.length)} series`
      }
    >
      {(found) => (
        <Table<Quality>
          label="Series with the lowest scores"
          rows={[...found.items].sort((a, b) => (a.score ?? 0) - (b.score ?? 0)).slice(0, MOST)}
          keyOf={(one) => `${one.symbol} ${one.timeframe}`}
          onOpen={(one) => onOpen(one.symbol, one.timeframe)}
          isQuiet={(one) => !one.current}
          columns={[
            {
              key: "series",
              head: "Series",
              cell: (one) => (
                <span className="font-semibold whitespace-nowrap text-ink1">
                  {one.symbol} <span className="font-normal text-ink3">{one.timeframe}</span>
                </span>
              ),
            },
            { key: "score", head: "Score", cell: (one) => number(one.score), isNumber: true },
            {
              key: "there",
              head: "Coverage",
              cell: (one) => percent(one.coverage, 2),
              isNumber: true,
            },
            { key: "gaps", head: "Gaps", cell: (one) => count(one.gaps), isNumber: true },
            {
              key: "longest",
              head: "Longest, bars",
              cell: (one) => count(one.longest_gap?.bars),
              isNumber: true,
              isMinor: true,
            },
            {
              key: "flagged",
              head: "Flagged",
              cell: (one) => count(one.flagged),
              isNumber: true,
              isMinor: true,
            },
            {
              key: "behind",
              head: "Bars behind",
              cell: (one) => (one.simulated ? "simulated" : count(one.bars_behind)),
              isNumber: true,
              isMinor: true,
            },
          ]}
        />
      )}
    </Panel>
  );
}
