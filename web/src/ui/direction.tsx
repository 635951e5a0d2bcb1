import { direction, type Maybe } from "@/lib/format";

const INKS = { up: "text-up", down: "text-down", none: "" };

/** An arrow; coloured only where the direction is a fact or proven. */
export function Arrow({ value, proven = true }: { value: Maybe; proven?: boolean }) {
  const { mark, word } = direction(value);
  if (!mark) return null;
  return (
    <span className={proven ? INKS[word] : ""} aria-hidden="true">
      {mark}{" "}
    </span>
  );
}

/** A change that is a fact: arrow, sign and colour of its side. */
export function Change({ value, text }: { value: Maybe; text: string }) {
  const { word } = direction(value);
  return (
    <span className={`whitespace-nowrap ${INKS[word]}`}>
      <Arrow value={value} />
      {text}
    </span>
  );
}
