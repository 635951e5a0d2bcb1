import type { ReactNode } from "react";

import { Key } from "@/ui/key";

/** A title within a panel, grey note right. */
export function Sub({ title, note }: { title: string; note?: ReactNode }) {
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-3 pt-2 pb-1">
      <h3 className="text-body font-semibold text-ink1">{title}</h3>
      {note && <span className="text-label text-ink3">{note}</span>}
    </div>
  );
}

/** What it is left, the value beside it. */
export function Row({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-3 py-0.5">
      <dt className="text-ink3">{label}</dt>
      <dd className="text-ink1">{children}</dd>
    </div>
  );
}

const GLYPHS = {
  pass: ["✓", "pass", "text-ink2"],
  warn: ["!", "warn", "font-semibold text-ink1"],
  fail: ["✕", "fail", "font-semibold text-alarm"],
  open: ["◦", "open", "text-ink2"],
  shown: ["–", "shown", "text-ink3"],
} as const;

/** A verdict of a line: glyph and word. */
export function LineVerdict({ is, word }: { is: keyof typeof GLYPHS; word?: string }) {
  const [glyph, usual, ink] = GLYPHS[is];
  return (
    <span className={`whitespace-nowrap ${ink}`}>
      <span aria-hidden="true">{glyph}</span> {word ?? usual}
    </span>
  );
}

/** A true or false of a proof: `✓ sealed first`. */
export function Holds({ is, yes, no }: { is: boolean; yes: string; no: string }) {
  return (
    <span className={is ? "text-ink1" : "font-semibold text-alarm"}>
      <span aria-hidden="true">{is ? "✓" : "✕"}</span> {is ? yes : no}
    </span>
  );
}

/** Turns a chart into its table and back. */
export function TwinButton({ isTable, onToggle }: { isTable: boolean; onToggle: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={isTable}
      onClick={onToggle}
      className="inline-flex min-h-6 items-center gap-1 rounded-control px-1 text-body text-ink2 hover:bg-raised max-tablet:min-h-11"
    >
      {isTable ? "Chart" : "Table"} <Key>t</Key>
    </button>
  );
}
