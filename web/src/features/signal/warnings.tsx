/** What a reader must know before believing the signal; what is in sample is said first. */
export function Warnings({
  warnings,
  isInSample,
}: {
  warnings: readonly string[];
  isInSample: boolean;
}) {
  if (warnings.length === 0 && !isInSample) return null;
  return (
    <section
      aria-label="Warnings"
      className="rounded-panel border border-dashed border-control bg-panel px-3 py-2"
    >
      <ul className="flex flex-col gap-0.5">
        {isInSample && (
          <li className="text-prose font-semibold text-ink1">
            <span aria-hidden="true">!</span> In sample: the pool had learned from what came of this
            bar. It shows how it speaks, not how well it predicts.
          </li>
        )}
        {warnings.map((one) => (
          <li key={one} className="text-body text-ink2">
            <span aria-hidden="true" className="font-semibold text-ink1">
              !
            </span>{" "}
            {one}
          </li>
        ))}
      </ul>
    </section>
  );
}
