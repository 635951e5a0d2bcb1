/** What is drawn over candles; times are closes of bars in seconds, prices as they are. */
import type { Fan } from "@/charts/fan/fan";

export interface Level {
  kind: "entry" | "target" | "stop";
  price: number;
  /** From which bar on it holds. */
  from: number;
  text: string;
}

/** An earlier signal, and what came of it if that is known. */
export interface Past {
  id: string;
  time: number;
  side: "up" | "down";
  /** Nobody traded it: hollow and dashed. */
  isWithheld: boolean;
  text: string;
  exit: { time: number; price: number } | null;
}

/** News at the bar in which it could first be known. */
export interface Pin {
  time: number;
  text: string;
}

/** An economic event; one that is still to come lies after the last bar. */
export interface Due {
  time: number;
  text: string;
  isMarked: boolean;
}

/** Bars that are missing, or that a rule flags. */
export interface Stretch {
  kind: "missing" | "flagged";
  first: number;
  last: number;
  text: string;
}

export interface Scene {
  fan: Fan | null;
  levels: readonly Level[];
  past: readonly Past[];
  pins: readonly Pin[];
  due: readonly Due[];
  stretches: readonly Stretch[];
  /** Where the gold line stands: the newest bar that is shown. */
  now: number | null;
  cursor: number | null;
}

export const NOTHING: Scene = {
  fan: null,
  levels: [],
  past: [],
  pins: [],
  due: [],
  stretches: [],
  now: null,
  cursor: null,
};
