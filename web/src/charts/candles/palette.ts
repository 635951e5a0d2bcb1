/** The tokens as a canvas needs them: read from the page, again whenever the theme changes. */
import { useMemo, useSyncExternalStore } from "react";

const TOKENS = [
  "panel",
  "raised",
  "inset",
  "hair",
  "rule",
  "grid",
  "control",
  "ink1",
  "ink2",
  "ink3",
  "up",
  "on-up",
  "down",
  "on-down",
  "accent",
] as const;

export type Palette = Record<(typeof TOKENS)[number], string>;

export function paletteOf(root: HTMLElement = document.documentElement): Palette {
  const style = getComputedStyle(root);
  return Object.fromEntries(
    TOKENS.map((token) => [token, style.getPropertyValue(`--${token}`).trim()]),
  ) as Palette;
}

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme", "data-sides"] });
  return () => observer.disconnect();
}

const look = () => {
  const { theme, sides } = document.documentElement.dataset;
  return `${theme} ${sides}`;
};

/** The colours of now; a chart is recoloured when they change. */
export function usePalette(): Palette {
  const now = useSyncExternalStore(subscribe, look);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the theme decides what is read
  return useMemo(() => paletteOf(), [now]);
}
