import { Link } from "@tanstack/react-router";

import type { Shapes } from "@/api/queries";
import { endOf, type Lately } from "@/features/desk/questions";
import { count, signed, signedPercent } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { short, zoneLabel, zoneName } from "@/lib/time";
import { Arrow } from "@/ui/direction";
import { type Asked, Panel } from "@/ui/panel";

type Followed = Shapes["TrackSignal"];

/** What came of the signals whose horizon ended last; losing and withheld ones as well. */
export function Resolved({ query }: { query: Asked<Lately> }) {
  const zone = zoneName(usePreferences().zone);
  return (
    <Panel
      title="Resolved lately"
      note={({ spoken }) =>
        ["after costs", zoneLabel(new Date(), zone), ...kindsOf(spoken)].join(", ")
      }
      query={query}
      isEmpty={(found) => found.spoken.length + found.silent === 0}
      empty={
        <p>
          No signal is resolved yet. What came of one is recorded within the hour after its last
          bar, or at once by <code>assay jobs run resolve</code>.
        </p>
      }
      summary={(found) => found.spoken.length > 0 && talliedOf(found.spoken)}
    >
      {({ spoken, silent }) => (
        <>
          <ol>
            {spoken.map((one) => (
              <li key={one.id} className="border-t border-hair first:border-t-0">
                <Link
                  to="/signal/$id"
                  params={{ id: one.id }}
                  className="flex min-h-6 flex-wrap items-baseline gap-x-2 py-1 hover:bg-raised max-tablet:min-h-11"
                >
                  <span className="font-semibold text-ink1">
                    {one.symbol} {one.timeframe}
                  </span>
                  <span className="text-ink2">
                    <Arrow
                      value={one.direction === "UP" ? 1 : one.direction === "DOWN" ? -1 : 0}
                      proven={false}
                    />
                    {count(one.conviction)} {one.tier}
                  </span>
                  <span
                    className={`ml-auto ${one.trade?.hypothetical ? "text-ink3" : "text-ink1"}`}
                  >
                    {outcomeOf(one)}
                  </span>
                  <span className="w-full text-label text-ink3">
                    <time dateTime={endOf(one)}>{short(endOf(one), zone)}</time>
                    {one.trade?.hypothetical && `, withheld, ${one.trade.withheld ?? "–"}`}
                    {kindsOf(spoken).length > 1 && `, ${one.kind}`}
                    {one.in_sample ? ", in sample" : ""}
                    {one.horizon && `, moved ${signedPercent(one.horizon.log_return)}`}
                  </span>
                </Link>
              </li>
            ))}
          </ol>
          {silent > 0 && (
            <p className="pt-1 text-label text-ink3">
              {spoken.length === 0 && "None that leant to a side; "}
              {count(silent)} without a side or evidence not shown.
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

function kindsOf(rows: readonly Followed[]): string[] {
  return [...new Set(rows.map((one) => one.kind))];
}

/** `✓ +1.12 R target`; of a withheld one what the plan would have given. */
export function outcomeOf({ trade, horizon }: Followed): string {
  if (trade?.hypothetical) return `◦ ${signed(trade.r_net)} R`;
  if (trade) {
    return `${(trade.r_net ?? 0) > 0 ? "✓" : "✕"} ${signed(trade.r_net)} R ${trade.end}`;
  }
  if (horizon?.hit === true) return "✓ side came";
  if (horizon?.hit === false) return "✕ side did not come";
  return horizon?.unknown ? `– ${horizon.unknown}` : `– ${horizon?.outcome ?? "open"}`;
}

/** `n 8: 3 hit, 4 missed`. */
export function talliedOf(rows: readonly Followed[]): string {
  const hit = rows.filter((one) => one.horizon?.hit === true).length;
  const missed = rows.filter((one) => one.horizon?.hit === false).length;
  return `n ${count(rows.length)}: side came ${count(hit)}, did not ${count(missed)}`;
}
