/** The four lines of a first run, and how far this workspace is. */
import type { Shapes } from "@/api/queries";

export interface Known {
  board: Shapes["BoardOut"];
  hasModels: boolean;
  isSimulated: boolean;
}

export interface Step {
  key: "demo" | "data" | "train" | "signal";
  title: string;
  said: string;
  command: string;
  /** The kind of job that does it, if one can. */
  job: string | null;
  takes: string;
  isDone: boolean;
  /** Whether it may be left out. */
  isFree: boolean;
  /** What is to be done before. */
  waits: string | null;
}

/** A workspace with signals needs no guide; one without any of its parts shows how to get them. */
export function stepsOf({ board, hasModels, isSimulated }: Known): Step[] {
  const hasBars = board.places.length > 0;
  const hasSignal = board.places.some((one) => one.signal !== null);
  return [
    {
      key: "demo",
      title: "Demo",
      said: "See the whole way on a simulated market first; it lies in a folder of its own.",
      command: "assay --home demo demo",
      job: null,
      takes: "three to five minutes on two cores",
      isDone: isSimulated && hasSignal,
      isFree: true,
      waits: null,
    },
    {
      key: "data",
      title: "Data",
      said: "Bring bars into this workspace: of a symbol by the command, or of all feeds that the settings name.",
      command: "assay data backfill binance BTCUSDT",
      job: "sync",
      takes: "seconds to minutes a series",
      isDone: hasBars,
      isFree: false,
      waits: null,
    },
    {
      key: "train",
      title: "Train",
      said: "Fit the members and the pool on what is stored; they are judged on bars they never saw.",
      command: "assay train",
      job: "train",
      takes: "minutes for a few series, longer for many",
      isDone: hasModels,
      isFree: false,
      waits: hasBars ? null : "needs bars first",
    },
    {
      key: "signal",
      title: "First signal",
      said: "Issue the signal of the newest bar of each trained series, into the journal.",
      command: "assay daily",
      job: "predict",
      takes: "under a minute",
      isDone: hasSignal,
      isFree: false,
      waits: hasModels ? null : "needs trained models first",
    },
  ];
}

/** Whether there is something left to guide to. */
export function isFirstRun(steps: readonly Step[]): boolean {
  return steps.some((step) => !step.isDone && !step.isFree);
}
