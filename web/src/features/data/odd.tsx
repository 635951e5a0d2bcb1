import { useState } from "react";

import { type Checked, useGaps, useQuality } from "@/features/data/questions";
import { count, number, percent } from "@/lib/format";
import { short, zoneLabel } from "@/lib/time";
import { Button } from "@/ui/button";
import { Frame } from "@/ui/panel";
import { Table } from "@/ui/table";
import { signs } from "@/ui/words";

interface OfSeries {
  found: Checked;
  symbol: string;
  timeframe: string;
  zone: string;
}

/** The longest gaps, or every one, the newest first. */
export function Gaps({ found, symbol, timeframe, zone }: OfSeries) {
  const [isAll, setAll] = useState(false);
  const every = useGaps(symbol, timeframe, isAll);
  const rows = isAll ? (every.data ?? []) : found.longest_gaps;
  return (
    <Frame
      title="Gaps"
      note={isAll ? "every one, the newest first" : "the longest"}
      summary={
        found.longest_gaps.length > 0 && (
          <Button onClick={() => setAll(!isAll)} aria-pressed={isAll}>
            {isAll ? "The longest" : "Every one"}
          </Button>
        )
      }
    >
      {found.longest_gaps.length === 0 ? (
        <p className="text-prose">There is none: every expected bar is there.</p>
      ) : (
        <>
          {isAll && every.error && (
            <p role="alert" className="text-prose text-alarm">
              {every.error.detail}
            </p>
          )}
          <Table
            label="Gaps"
            rows={rows}
            keyOf={(gap) => gap.first}
            columns={[
              { key: "bars", head: "Bars", cell: (gap) => count(gap.bars), isNumber: true },
              {
                key: "first",
                head: `First missing, ${zoneLabel(new Date(0), zone)}`,
                cell: (gap) => short(gap.first, zone),
                isNumber: true,
              },
              {
                key: "last",
                head: "Last missing",
                cell: (gap) => short(gap.last, zone),
                isNumber: true,
              },
            ]}
          />
          {isAll && every.hasMore && (
            <Button className="mt-2" onClick={every.more}>
              Show more
            </Button>
          )}
        </>
      )}
    </Frame>
  );
}

/** What rules find wrong, each in a sentence; splits that nobody adjusted for among it. */
export function Flaws({ found, zone }: { found: Checked; zone: string }) {
  return (
    <Frame
      title="Flaws"
      note={
        found.flaw_count > found.flaws.length
          ? `the newest ${count(found.flaws.length)} of ${count(found.flaw_count)}`
          : `${count(found.flaw_count)} found`
      }
    >
      {found.flaws.length === 0 ? (
        <p className="text-prose">No rule finds anything wrong.</p>
      ) : (
        <div className="max-h-100 overflow-y-auto" tabIndex={0} role="group" aria-label="Flaws">
          <Table
            label="Flaws"
            rows={[...found.flaws].reverse().map((flaw, n) => ({ ...flaw, n }))}
            keyOf={(flaw) => String(flaw.n)}
            columns={[
              { key: "code", head: "Rule", cell: (flaw) => <code>{flaw.code}</code> },
              {
                key: "said",
                head: "Found",
                cell: (flaw) => <span className="text-ink1">{signs(flaw.sentence)}</span>,
              },
              { key: "how", head: "How bad", cell: (flaw) => flaw.severity, isMinor: true },
              {
                key: "when",
                head: `From, ${zoneLabel(new Date(0), zone)}`,
                cell: (flaw) => short(flaw.first, zone),
                isNumber: true,
                isMinor: true,
              },
            ]}
          />
        </div>
      )}
      {found.splits.map((split) => (
        <p key={split.at} className="pt-1 text-prose">
          {split.day}: looks like {count(split.new)} shares for {count(split.old)} that nobody
          adjusted for, {number(split.before)} before and {number(split.after)} after.
        </p>
      ))}
    </Frame>
  );
}

/** How it compares with other sources, and what was corrected afterwards. */
export function Comparisons({ found, symbol, timeframe, zone }: OfSeries) {
  const quality = useQuality();
  const one = quality.data?.items.find(
    (each) => each.symbol === symbol && each.timeframe === timeframe,
  );
  return (
    <Frame title="Against other sources" note="the newest comparison with each">
      {one && one.comparisons.length > 0 ? (
        <Table
          label="Comparisons with other sources"
          rows={one.comparisons}
          keyOf={(each) => each.other}
          columns={[
            {
              key: "other",
              head: "With",
              cell: (each) => <span className="font-semibold text-ink1">{each.other}</span>,
            },
            {
              key: "bars",
              head: "Bars both have",
              cell: (each) => count(each.bars),
              isNumber: true,
            },
            {
              key: "far",
              head: "Median distance",
              cell: (each) => `${number(each.median_bps)} bp`,
              isNumber: true,
            },
            {
              key: "volume",
              head: "Volume, of theirs",
              cell: (each) => percent(each.volume_share),
              isNumber: true,
              isMinor: true,
            },
            {
              key: "said",
              head: "Differences",
              cell: (each) => each.differences.map(signs).join(" ") || "none",
            },
            {
              key: "at",
              head: `At, ${zoneLabel(new Date(0), zone)}`,
              cell: (each) => short(each.at, zone),
              isNumber: true,
              isMinor: true,
            },
          ]}
        />
      ) : (
        <p className="text-prose">
          It was compared with none: <code>assay data reconcile</code> does.
        </p>
      )}
      <h3 className="pt-3 font-semibold text-ink1">Corrections</h3>
      {found.corrections.length === 0 ? (
        <p className="text-prose">No stored bar was corrected afterwards.</p>
      ) : (
        <ul className="text-prose">
          {found.corrections.map((said) => (
            <li key={said}>{signs(said)}</li>
          ))}
        </ul>
      )}
    </Frame>
  );
}
