import type { ButtonHTMLAttributes } from "react";

type Kind = "plain" | "primary" | "alarm" | "quiet";

const LOOKS: Record<Kind, string> = {
  plain: "border border-control text-ink1 hover:bg-raised",
  primary: "bg-accent text-on-accent font-semibold disabled:bg-raised",
  alarm: "border border-alarm text-alarm font-semibold hover:bg-raised",
  quiet: "text-ink2 hover:bg-raised hover:text-ink1",
};

/** A button; `primary` once a page. */
export function Button({
  kind = "plain",
  className = "",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { kind?: Kind }) {
  return (
    <button
      type="button"
      className={`inline-flex min-h-7 items-center gap-2 rounded-control px-3 text-body whitespace-nowrap disabled:cursor-not-allowed disabled:border-rule disabled:text-ink3 max-tablet:min-h-11 ${LOOKS[kind]} ${className}`}
      {...rest}
    />
  );
}
