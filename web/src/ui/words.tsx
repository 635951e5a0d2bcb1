/** A sentence in which `commands` stand as code. */
export function Words({ children }: { children: string }) {
  return (
    <>{children.split("`").map((part, n) => (n % 2 === 1 ? <code key={n}>{part}</code> : part))}</>
  );
}

/** A sentence of the service with minus signs where it wrote hyphens; dates and names stay. */
export function signs(text: string): string {
  return text.replace(/(^|[\s[(=])-(?=\d)/g, "$1−").replace(/(\d)%/g, "$1\u202f%");
}
