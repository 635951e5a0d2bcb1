/** What a person prefers in this browser; no secret is ever kept here. */
import { useSyncExternalStore } from "react";

import type { Zone } from "@/lib/time";

export interface Preferences {
  theme: "system" | "dark" | "light";
  zone: Zone;
  sides: "blue-up" | "swapped";
  letters: boolean;
  guided: boolean;
}

const KEY = "assay.preferences";
const USUAL: Preferences = {
  theme: "system",
  zone: "utc",
  sides: "blue-up",
  letters: true,
  guided: false,
};

const listeners = new Set<() => void>();
let current = read();

function read(): Preferences {
  try {
    return { ...USUAL, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>) };
  } catch {
    return USUAL;
  }
}

/** Change some of them, and show it at once. */
export function prefer(changes: Partial<Preferences>): void {
  current = { ...current, ...changes };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // a browser that keeps nothing shows them until it is closed
  }
  apply();
  for (const listener of listeners) listener();
}

/** Let the page look as it is preferred. */
export function apply(): void {
  const root = document.documentElement;
  const isLight = matchMedia("(prefers-color-scheme: light)").matches;
  const theme = current.theme === "system" ? (isLight ? "light" : "dark") : current.theme;
  root.dataset.theme = theme;
  root.dataset.sides = current.sides;
}

/** Follow the system's theme while nothing else is preferred. */
export function followSystem(): void {
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => {
    apply();
    for (const listener of listeners) listener();
  });
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
