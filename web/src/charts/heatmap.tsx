import {
  type KeyboardEvent,
  memo,
  type PointerEvent,
  type ReactNode,
  useRef,
  useState,
} from "react";

import { type Cover, LOOKS, STEPS, stepOf } from "@/charts/heatmap-cover";
import { count, number, percent } from "@/lib/format";

export interface HeatColumn {
  key: string;
  /** In the head of its column, a letter or two. */
  short: string;
  /** In full, where a cell is told. */
  full: string;
  /** Columns of one group stand under one head. */
  group: string;
}

export interface HeatRow {
  key: string;
  name: string;
  head: ReactNode;
  /** Beside the name, one for each of `extras`. */
  extras: readonly ReactNode[];
  cells: readonly Cover[];
  /** What is to be known of a cell, as the name of a holiday. */
  notes?: readonly (string | undefined)[];
}

interface HeatProps {
  label: string;
  rows: readonly HeatRow[];
  columns: readonly HeatColumn[];
  rowHead: string;
  extras: readonly string[];
  onOpen?: (key: string) => void;
  /** Write the share into the cells. */
  isWritten?: boolean;
}

/** What one cell says, in words. */
export function told(row: string, column: string, cell: Cover, note?: string): string {
  const where = `${row}, ${column}: `;
  if (!cell.expected) return `${where}nothing expected${note ? `, ${note}` : ""}`;
  const { expected, there, flagged } = cell;
  const share = (there ?? 0) / expected;
  const missing = expected - (there ?? 0);
  return [
    `${where}${count(there ?? 0)} of ${count(expected)} bars, ${percent(share, share > 0.99 ? 2 : 1)}`,
    missing > 0 ? `${count(missing)} missing` : "",
    flagged ? `${count(flagged)} flagged` : "",
    note ?? "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** Coverage as a table whose cells are grounds; its cursor tells each in words. */
export function Heat({ label, rows, columns, rowHead, extras, onOpen, isWritten }: HeatProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [at, setAt] = useState<{ row: number; column: number } | null>(null);
  const [isKeyed, setKeyed] = useState(false);
  const row = at && rows[at.row];
  const column = at && columns[at.column];
  const cell = at && row?.cells[at.column];
  const press = (event: KeyboardEvent, n: number) => {
    const down = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const right = { l: 1, ArrowRight: 1, h: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Enter" && rows[n]) onOpen?.(rows[n].key);
    if (down === undefined && right === undefined) return;
    event.preventDefault();
    const next = Math.min(rows.length - 1, Math.max(0, n + (down ?? 0)));
    const last = at?.column ?? columns.length - 1;
    setKeyed(true);
    setAt({ row: next, column: Math.min(columns.length - 1, Math.max(0, last + (right ?? 0))) });
    (body.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  const point = (event: PointerEvent) => {
    const hit = (event.target as HTMLElement).closest<HTMLElement>("td[data-at]");
    const line = hit?.closest<HTMLElement>("tr[data-row]");
    if (!hit || !line) return;
    setKeyed(false);
    setAt({ row: Number(line.dataset.row), column: Number(hit.dataset.at) });
  };
  return (
    <div className="flex flex-col gap-1">
      <p className="min-h-4 text-ink1" aria-live={isKeyed ? "polite" : "off"}>
        {row && column && cell ? (
          told(row.name, column.full, cell, row.notes?.[at.column])
        ) : (
          <span className="text-ink3">Point at a cell, or walk with h j k l.</span>
        )}
      </p>
      <div className="relative overflow-x-auto pb-1" role="region" aria-label={`${label}, table`}>
        <table className="w-full border-separate border-spacing-x-px border-spacing-y-0">
          <caption className="sr-only">{label}</caption>
          <thead>
            <tr className="h-5">
              <td colSpan={1 + extras.length} className="sticky left-0 bg-panel" />
              {groupsOf(columns).map((group, n) => (
                <th
                  key={`${group.name} ${n}`}
                  scope="colgroup"
                  colSpan={group.many}
                  className="border-l border-hair pl-1 text-left font-normal text-ink3"
                >
                  {group.name}
                </th>
              ))}
            </tr>
            <tr className="h-5 text-label text-ink3">
              <th scope="col" className="sticky left-0 bg-panel pr-2 text-left font-normal">
                {rowHead}
              </th>
              {extras.map((extra) => (
                <th key={extra} scope="col" className="pr-2 text-right font-normal">
                  {extra}
                </th>
              ))}
              {columns.map((one) => (
                <th key={one.key} scope="col" className="font-normal" aria-label={one.full}>
                  {one.short}
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body} onPointerOver={point}>
            {rows.map((one, n) => (
              <Line
                key={one.key}
                row={one}
                n={n}
                columns={columns}
                cursor={at?.row === n ? at.column : null}
                isFirst={n === Math.min(at?.row ?? 0, rows.length - 1)}
                isWritten={isWritten ?? false}
                onPress={press}
                onOpen={onOpen}
              />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

interface LineProps {
  row: HeatRow;
  n: number;
  columns: readonly HeatColumn[];
  cursor: number | null;
  isFirst: boolean;
  isWritten: boolean;
  onPress: (event: KeyboardEvent, n: number) => void;
  onOpen: ((key: string) => void) | undefined;
}

const Line = memo(
  function Line({ row, n, columns, cursor, isFirst, isWritten, onPress, onOpen }: LineProps) {
    return (
      <tr
        data-row={n}
        tabIndex={isFirst ? 0 : -1}
        onKeyDown={(event) => onPress(event, n)}
        onClick={onOpen && (() => onOpen(row.key))}
        className={`h-6 max-tablet:h-11 ${onOpen ? "cursor-pointer hover:bg-raised" : ""}`}
      >
        <th
          scope="row"
          className="sticky left-0 bg-panel pr-2 text-left font-semibold whitespace-nowrap text-ink1"
        >
          {row.head}
        </th>
        {row.extras.map((extra, at) => (
          <td key={at} className="pr-2 text-right whitespace-nowrap">
            {extra}
          </td>
        ))}
        {row.cells.map((cell, at) => (
          <td
            key={columns[at]?.key}
            data-at={at}
            aria-label={told(row.name, columns[at]?.full ?? "", cell, row.notes?.[at])}
            className="p-0"
          >
            <Ground cell={cell} isHere={cursor === at} isWritten={isWritten} />
          </td>
        ))}
      </tr>
    );
  },
  (before, after) =>
    before.row === after.row &&
    before.columns === after.columns &&
    before.cursor === after.cursor &&
    before.isFirst === after.isFirst &&
    before.isWritten === after.isWritten &&
    before.n === after.n,
);

function Ground({ cell, isHere, isWritten }: { cell: Cover; isHere: boolean; isWritten: boolean }) {
  const step = stepOf(cell);
  const share = cell.expected ? (cell.there ?? 0) / cell.expected : null;
  return (
    <span
      className={`flex h-5 min-w-3 max-tablet:h-10 items-center justify-center text-label ${LOOKS[step]} ${isHere ? "outline outline-2 outline-accent" : ""}`}
    >
      {isWritten && share !== null ? (
        <span
          className={step === "full" || step === "nearly" ? "text-ink1" : "bg-panel px-1 text-ink1"}
        >
          {number(share * 100, share < 1 ? 2 : 0)}
        </span>
      ) : (
        cell.flagged !== null && cell.flagged > 0 && <b className="font-semibold text-ink1">!</b>
      )}
    </span>
  );
}

function groupsOf(columns: readonly HeatColumn[]): { name: string; many: number }[] {
  const found: { name: string; many: number }[] = [];
  for (const column of columns) {
    const last = found.at(-1);
    if (last?.name === column.group) last.many += 1;
    else found.push({ name: column.group, many: 1 });
  }
  return found;
}

/** What the grounds mean. */
export function HeatLegend() {
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 text-label text-ink3">
      {STEPS.filter((one) => one.look).map((one) => (
        <span key={one.step} className="flex items-center gap-1">
          <span aria-hidden="true" className={`inline-block size-3 ${one.look}`} />
          {one.words}
        </span>
      ))}
      <span>! flagged bars</span>
      <span>blank: nothing expected</span>
    </p>
  );
}
