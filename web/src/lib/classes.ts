/** What kinds of instruments are called, in the order in which they are shown. */
const CLASSES: readonly (readonly [string, string])[] = [
  ["fx", "FX"],
  ["metal", "Metals"],
  ["crypto", "Crypto"],
  ["equity", "Equities"],
  ["index", "Index"],
];

/** The word for a kind of instruments. */
export function classWord(name: string): string {
  return CLASSES.find(([code]) => code === name)?.[1] ?? name;
}

/** Where a kind stands among the others; unknown ones last. */
export function classRank(name: string): number {
  const at = CLASSES.findIndex(([code]) => code === name);
  return at < 0 ? CLASSES.length : at;
}
