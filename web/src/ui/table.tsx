import type { KeyboardEvent, ReactNode } from "react";
import { useRef, useState } from "react";

export interface Column<Row> {
  key: string;
  head: ReactNode;
  cell: (row: Row) => ReactNode;
  isNumber?: boolean;
  /** Left out on a phone. */
  isMinor?: boolean;
}

interface TableProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  onOpen?: (row: Row) => void;
  isCurrent?: (row: Row) => boolean;
  isQuiet?: (row: Row) => boolean;
}

/** A table; with `onOpen` its rows are walked with j and k or the arrows, and Enter opens one. */
export function Table<Row>({
  label,
  rows,
  columns,
  keyOf,
  onOpen,
  isCurrent,
  isQuiet,
}: TableProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [at, setAt] = useState(0);
  const move = (event: KeyboardEvent, row: Row, n: number) => {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      const next = Math.min(rows.length - 1, Math.max(0, n + step));
      setAt(next);
      (body.current?.children[next] as HTMLElement | undefined)?.focus();
      event.preventDefault();
    } else if (event.key === "Enter") {
      onOpen?.(row);
    }
  };
  return (
    <div
      className="relative overflow-x-auto"
      tabIndex={onOpen ? undefined : 0}
      role="region"
      aria-label={`${label}, table`}
    >
      <table className="w-full border-collapse text-body">
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr className="h-6">
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={`pr-3 font-normal text-ink3 last:pr-0 ${column.isNumber ? "text-right" : "text-left"} ${column.isMinor ? "max-tablet:hidden" : ""}`}
              >
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row, n) => (
            <tr
              key={keyOf(row)}
              tabIndex={onOpen ? (n === Math.min(at, rows.length - 1) ? 0 : -1) : undefined}
              aria-current={isCurrent?.(row) || undefined}
              onClick={onOpen && (() => onOpen(row))}
              onFocus={onOpen && (() => setAt(n))}
              onKeyDown={onOpen && ((event) => move(event, row, n))}
              className={`h-6 border-t border-hair ${onOpen ? "cursor-pointer hover:bg-raised max-tablet:h-11" : ""} ${isCurrent?.(row) ? "bg-raised" : ""} ${isQuiet?.(row) ? "text-ink3" : ""}`}
            >
              {columns.map((column) => (
                <td
                  key={column.key}
                  className={`py-1 pr-3 align-baseline last:pr-0 ${column.isNumber ? "text-right whitespace-nowrap" : "text-left"} ${column.isMinor ? "max-tablet:hidden" : ""}`}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
