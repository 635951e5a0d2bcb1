import type { ReactNode } from "react";

import { rangeOf } from "@/features/backtests/list";
import type { TextTable } from "@/features/backtests/questions";
import { Strip } from "@/ui/strip";
import { Table } from "@/ui/table";
import { signs } from "@/ui/words";

interface SaidProps {
  label: string;
  table: TextTable;
  /** How many rows are shown; all if left out. */
  most?: number;
  /** What the drawn intervals are of. */
  drawn?: string;
}

/** A table as the report tells it, its main figure drawn beside the words. */
export function Said({ label, table, most, drawn }: SaidProps) {
  const rows = table.rows.slice(0, most).map((cells, n) => ({ cells, n }));
  if (rows.length === 0) return <p className="text-prose">There is none.</p>;
  const hasDoubt = rows.some(({ cells }) => cells.some((cell) => cell.includes("[")));
  const notes = [signs(table.note), hasDoubt ? "Brackets hold 95 %." : ""]
    .filter(Boolean)
    .join(" ");
  const range = rangeOf(table.drawn);
  const isNumber = table.columns.map((_, at) => rows.every(({ cells }) => isFigure(cells[at])));
  return (
    <>
      <Table
        label={label}
        rows={rows}
        keyOf={(row) => `${row.n}`}
        columns={[
          ...table.columns.map((head, at) => ({
            key: head,
            head: at === 0 ? capital(head) : head,
            isNumber: at > 0 && isNumber[at] === true,
            cell: ({ cells }: { cells: string[] }): ReactNode =>
              at === 0 ? (
                <span className="font-semibold text-ink1">{signs(cells[0] ?? "–")}</span>
              ) : (
                <Doubt text={signs(cells[at] ?? "–")} />
              ),
          })),
          ...(table.drawn.some((one) => one.value !== null)
            ? [
                {
                  key: "drawn",
                  head: `${drawn ?? "95 %"}, tick = 0`,
                  isMinor: true,
                  cell: ({ n }: { n: number }) => {
                    const one = table.drawn[n];
                    return one && one.value !== null ? (
                      <Strip
                        {...one}
                        threshold={0}
                        range={range}
                        width={64}
                        label={`${one.name} against zero`}
                      />
                    ) : (
                      "–"
                    );
                  },
                },
              ]
            : []),
        ]}
      />
      {notes && <p className="pt-2 text-label text-ink3">{notes}</p>}
    </>
  );
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

const isFigure = (text: string | undefined) => text === "–" || /^[-−+\d]/.test(text ?? "");

/** The figure in ink, its interval quiet; both grey where days are too few. */
function Doubt({ text }: { text: string }) {
  const [, figure, rest] = /^(.*?)(\s*\[.*)$/.exec(text) ?? [null, text, ""];
  const isFew = text.includes("too few");
  return (
    <>
      <span className={rest && !isFew ? "text-ink1" : isFew ? "text-ink3" : ""}>{figure}</span>
      {rest && <span className="text-label text-ink3">{rest}</span>}
    </>
  );
}
