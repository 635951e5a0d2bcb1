/** Keys that do something, where they are said to. */
import { useEffect, useRef } from "react";

export type Keys = Record<string, (event: KeyboardEvent) => void>;

const CHORD_MS = 1200;

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** The name of a pressed key: `g d` after g, `mod+k` with Ctrl or Cmd. */
export function named(event: KeyboardEvent, before: string | null): string {
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  const key = event.key === " " ? "Space" : event.key;
  return before && !mod ? `${before} ${key}` : `${mod}${key}`;
}

/** Listen to `keys` while the component is there; single letters are off while somebody types. */
export function useShortcuts(keys: Keys, isOn = true): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    if (!isOn) return;
    let before: string | null = null;
    let since = 0;
    const heard = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey) return;
      const chord = before && event.timeStamp - since < CHORD_MS ? before : null;
      before = null;
      const name = named(event, chord);
      if (isTyping(event) && !name.startsWith("mod+") && name !== "Escape") return;
      const act = latest.current[name];
      if (act) {
        event.preventDefault();
        act(event);
      } else if (!event.ctrlKey && !event.metaKey && /^[a-z]$/.test(event.key)) {
        before = event.key;
        since = event.timeStamp;
      }
    };
    document.addEventListener("keydown", heard);
    return () => document.removeEventListener("keydown", heard);
  }, [isOn]);
}
