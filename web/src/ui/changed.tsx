import { type ReactNode, useState } from "react";

/** A figure whose ground fades once when it has changed; it does not at first sight. */
export function Changed({
  value,
  className = "",
  children,
}: {
  value: string | number | null;
  className?: string;
  children: ReactNode;
}) {
  const [seen, setSeen] = useState({ value, times: 0 });
  if (!Object.is(seen.value, value)) setSeen({ value, times: seen.times + 1 });
  return (
    <span key={seen.times} data-changed={seen.times > 0 ? "" : undefined} className={className}>
      {children}
    </span>
  );
}
