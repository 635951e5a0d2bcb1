import type { ReactNode } from "react";

/** A part of the column: title left, grey note right. */
export function Section({
  title,
  note,
  children,
}: {
  title: string;
  note?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="border-t border-hair px-3 py-2">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3 pb-1 text-body text-ink3">
        <h3>{title}</h3>
        {note && <span>{note}</span>}
      </div>
      {children}
    </section>
  );
}

/** What it is left, the value right. */
export function Row({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-3 py-0.5 text-body">
      <dt className="text-ink2">{label}</dt>
      <dd className="ml-auto text-right text-ink1">{children}</dd>
    </div>
  );
}
