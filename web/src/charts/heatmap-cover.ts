/** How much of what is expected is there, in steps that are told apart without colour. */

export interface Cover {
  expected: number | null;
  there: number | null;
  flagged: number | null;
}

export type Step = "closed" | "full" | "nearly" | "partly" | "hardly" | "none";

export const STEPS: readonly { step: Step; words: string; look: string }[] = [
  { step: "full", words: "all there", look: "bg-rule" },
  { step: "nearly", words: "99 % or more", look: "bg-hair" },
  { step: "partly", words: "90 % or more", look: "hatched border border-rule" },
  { step: "hardly", words: "less", look: "hatched border border-control" },
  { step: "none", words: "none", look: "hatched border-2 border-control" },
  { step: "closed", words: "nothing expected", look: "" },
];

export const LOOKS = Object.fromEntries(STEPS.map((one) => [one.step, one.look])) as Record<
  Step,
  string
>;

/** The step of one cell; where nothing is expected it is closed, not a gap. */
export function stepOf({ expected, there }: Cover): Step {
  if (!expected) return "closed";
  const share = (there ?? 0) / expected;
  if (share >= 1) return "full";
  if (share >= 0.99) return "nearly";
  if (share >= 0.9) return "partly";
  return share > 0 ? "hardly" : "none";
}

/** Put cells together, as the months of a year; null where none of them says anything. */
export function sumOf(cells: readonly Cover[]): Cover {
  const known = cells.filter((one) => one.expected !== null);
  if (known.length === 0) return { expected: null, there: null, flagged: null };
  const sum = (name: keyof Cover) => known.reduce((all, one) => all + (one[name] ?? 0), 0);
  return { expected: sum("expected"), there: sum("there"), flagged: sum("flagged") };
}
