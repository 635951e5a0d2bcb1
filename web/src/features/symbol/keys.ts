/** Keys that act only where nothing else takes them: Space on a button presses the button. */
import { useEffect, useRef } from "react";

const TAKEN = "a, button, input, select, textarea, summary, tr[tabindex], [role=dialog], dialog";

/** Act on `Space` or `Enter` while no control has the focus. */
export function useFreeKeys(keys: Partial<Record<"Space" | "Enter", () => void>>, isOn: boolean) {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    if (!isOn) return;
    const heard = (event: KeyboardEvent) => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
      if (event.defaultPrevented || !isPlain || (event.target as Element).closest(TAKEN)) return;
      const name = event.key === " " ? "Space" : event.key === "Enter" ? "Enter" : null;
      const act = name && latest.current[name];
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", heard);
    return () => document.removeEventListener("keydown", heard);
  }, [isOn]);
}
