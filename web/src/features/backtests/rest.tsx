import { Said } from "@/features/backtests/said";
import type { Backtest } from "@/features/backtests/questions";
import { count, number, signed } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { short, zoneLabel, zoneName } from "@/lib/time";
import { Frame } from "@/ui/panel";
import { Table } from "@/ui/table";
import { signs } from "@/ui/words";

/** The trades that cost most, each explained. */
export function Worst({ report }: { report: Backtest }) {
  return (
    <Frame title="The trades that cost most" note="each from what was known then">
      {report.worst.length === 0 ? (
        <p className="text-prose">There was none.</p>
      ) : (
        <ol className="flex flex-col divide-y divide-hair">
          {report.worst.map((one) => (
            <li key={one.number}>
              <details className="py-1">
                <summary className="min-h-6 text-prose text-ink1">{signs(one.what)}</summary>
                <div className="flex flex-col gap-1 pt-1 pl-4 text-prose">
                  {[...one.why, ...one.after, one.cost].map((said) => (
                    <p key={said}>{signs(said)}</p>
                  ))}
                  {one.tags.length > 0 && <code>{one.tags.join(" ")}</code>}
                </div>
              </details>
            </li>
          ))}
        </ol>
      )}
    </Frame>
  );
}

/** How sound the bars were. */
export function Soundness({ report }: { report: Backtest }) {
  const { quality } = report;
  return (
    <Frame
      title="Data quality"
      note={`${count(quality.waited)} of ${count(quality.decided)} decisions waited for a flagged bar`}
    >
      <p className="pb-1 text-prose">
        {count(quality.alone)} of these waited for nothing else; {count(quality.lacked)} waited
        because too many bars were missing. Flags:{" "}
        {Object.entries(quality.flags)
          .map(([flag, times]) => `${flag} ${count(times)}`)
          .join(", ") || "none"}
        .
      </p>
      <details>
        <summary className="min-h-6 font-semibold text-ink1">
          Every series ({count(quality.table.rows.length)})
        </summary>
        <Said label="Data quality by series" table={quality.table} />
      </details>
      <details>
        <summary className="min-h-6 font-semibold text-ink1">Where the bars come from</summary>
        <Said label="Where the bars come from" table={report.data} />
      </details>
    </Frame>
  );
}

const PARTS = ["train", "stop", "calibrate", "fuse", "test"] as const;

/** How history was cut, and how it was measured: nothing of a test touches what decides in it. */
export function Cuts({ report }: { report: Backtest }) {
  const { zone } = usePreferences();
  const name = zoneName(zone);
  return (
    <Frame title="How it was measured" note={`times in ${zoneLabel(new Date(0), name)}`}>
      <Table
        label="Spans of each fold"
        rows={report.folds.flatMap((fold, at) =>
          PARTS.flatMap((part) => {
            const span = fold[part];
            return span ? [{ key: `${at + 1} ${part}`, fold: at + 1, part, span }] : [];
          }),
        )}
        keyOf={(row) => row.key}
        columns={[
          { key: "fold", head: "Fold", cell: (row) => count(row.fold) },
          {
            key: "part",
            head: "Part",
            cell: (row) => (
              <span className={row.part === "test" ? "font-semibold text-ink1" : ""}>
                {row.part}
              </span>
            ),
          },
          { key: "from", head: "From", cell: (row) => short(row.span.start, name), isNumber: true },
          { key: "to", head: "To", cell: (row) => short(row.span.end, name), isNumber: true },
        ]}
      />
      <div className="flex flex-col gap-1 pt-2 text-prose">
        {report.methods.map((said) => (
          <p key={said}>{signs(said)}</p>
        ))}
      </div>
    </Frame>
  );
}

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const FEW = 5;

/** Trades by the hour they were entered in; a few say nothing. */
export function Hours({ report }: { report: Backtest }) {
  const { hours } = report;
  return (
    <Frame
      title="By hour of entry"
      note={`UTC, out of sample${report.simulated ? ", simulated" : ""}`}
      summary={`${count(hours.tested)} of ${count(hours.cells.length)} with 20 trades or more`}
    >
      {hours.cells.length === 0 ? (
        <p className="text-prose">There was no trade.</p>
      ) : (
        <>
          <div
            className="max-h-60 overflow-y-auto"
            tabIndex={0}
            role="group"
            aria-label="Hours of entry"
          >
            <Table
              label="Trades by hour of entry"
              rows={hours.cells}
              keyOf={(cell) => `${cell.weekday} ${cell.hour}`}
              isQuiet={(cell) => cell.trades < FEW}
              columns={[
                {
                  key: "when",
                  head: "Entered",
                  cell: (cell) =>
                    `${DAYS[cell.weekday] ?? ""}${hours.intraday ? ` ${String(cell.hour).padStart(2, "0")}:00` : ""}`,
                },
                { key: "n", head: "n", cell: (cell) => count(cell.trades), isNumber: true },
                {
                  key: "r",
                  head: "Mean R ± error",
                  isNumber: true,
                  cell: (cell) =>
                    cell.trades < FEW
                      ? `n ${count(cell.trades)} of ${FEW}, too few`
                      : `${signed(cell.mean_r)} ± ${number(cell.error)}`,
                },
              ]}
            />
          </div>
          <p className="pt-2 text-label text-ink3">
            Of {count(hours.tested)} cells with 20 trades or more, {count(hours.beyond)} lie further
            from zero than 1.96 errors; 5 % would by chance.
          </p>
        </>
      )}
    </Frame>
  );
}
