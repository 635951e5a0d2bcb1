/** How the focus walks over the board: arrows in it; letters and digits from anywhere. */
import { type KeyboardEvent, useRef, useState } from "react";

import { useShortcuts } from "@/lib/shortcuts";

export interface Spot {
  row: number;
  /** 0 is the symbol, then the timeframes. */
  column: number;
}

const STEPS: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Where a key leads from a spot of a board of so many rows and columns; null if nowhere. */
export function moved(spot: Spot, key: string, rows: number, columns: number): Spot | null {
  const within = (value: number, many: number) => Math.min(many - 1, Math.max(0, value));
  const step = STEPS[key];
  if (step) {
    return {
      row: within(spot.row + step[0], rows),
      column: within(spot.column + step[1], columns),
    };
  }
  if (key === "Home") return { ...spot, column: 0 };
  if (key === "End") return { ...spot, column: columns - 1 };
  if (key === "PageUp") return { ...spot, row: 0 };
  if (key === "PageDown") return { ...spot, row: rows - 1 };
  return null;
}

interface Board {
  rows: number;
  columns: number;
  /** The column of each digit, if it has one. */
  columnOf: (digit: number) => number | null;
  letters: boolean;
  onCopy: (spot: Spot) => void;
}

/** One spot of the board can be reached with Tab; keys lead from it to the others. */
export function useMoving({ rows, columns, columnOf, letters, onCopy }: Board) {
  const grid = useRef<HTMLTableElement>(null);
  const [wanted, setSpot] = useState<Spot>({ row: 0, column: 1 });
  const spot = {
    row: Math.min(wanted.row, Math.max(0, rows - 1)),
    column: Math.min(wanted.column, Math.max(0, columns - 1)),
  };
  const go = (next: Spot) => {
    setSpot(next);
    grid.current
      ?.querySelector<HTMLElement>(`[data-spot="${next.row}:${next.column}"]`)
      ?.focus({ preventScroll: false });
  };
  /** From elsewhere on the page a letter first brings the focus to where it was. */
  const step = (key: string) => {
    const isHere = grid.current?.contains(document.activeElement) ?? false;
    go((isHere && moved(spot, key, rows, columns)) || spot);
  };
  const jump = (digit: number) => {
    const column = columnOf(digit);
    if (column !== null) go({ row: spot.row, column });
  };
  useShortcuts(
    {
      k: () => step("ArrowUp"),
      j: () => step("ArrowDown"),
      h: () => step("ArrowLeft"),
      l: () => step("ArrowRight"),
      1: () => jump(1),
      2: () => jump(2),
      3: () => jump(3),
      4: () => jump(4),
      5: () => jump(5),
      6: () => jump(6),
      7: () => jump(7),
      8: () => jump(8),
      y: () => onCopy(spot),
    },
    letters && rows > 0,
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = moved(spot, event.key, rows, columns);
    if (next) {
      event.preventDefault();
      go(next);
    }
  };
  return { grid, spot, setSpot, onKeyDown };
}
