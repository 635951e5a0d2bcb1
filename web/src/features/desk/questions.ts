/** What the Desk asks beside the board. */
import { answered, service } from "@/api/client";
import { type Shapes, useAsked } from "@/api/queries";

const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;

/** The hours around `at`, around the service's now if it is not given. */
export const useSessions = (at: string | undefined) =>
  useAsked(
    ["calendar", "sessions", at ?? "now"],
    () =>
      answered(service.GET("/api/v1/calendar/sessions", { params: { query: at ? { at } : {} } })),
    { keeps: true, every: MINUTE },
  );

/** What is due in the week after `at`, in the week from today if it is not given. */
export const useEvents = (at: string | undefined) =>
  useAsked(
    ["calendar", "events", at ?? "now"],
    () =>
      answered(
        service.GET("/api/v1/calendar/events", {
          params: {
            query: at
              ? { start: at, end: new Date(Date.parse(at) + WEEK).toISOString(), limit: 100 }
              : { limit: 100 },
          },
        }),
      ),
    { keeps: true, every: 5 * MINUTE },
  );

/** The whole record, a group a kind of signals; by the minute, for each new signal would be much. */
export const useRecord = () =>
  useAsked(
    ["record", "all"],
    () => answered(service.GET("/api/v1/track", { params: { query: { by: "all" } } })),
    { every: MINUTE },
  );

const RESOLVED = 8;
const PAGE = 200;
const MOST_PAGES = 4;

export interface Lately {
  /** Those that leant to a side. */
  spoken: Shapes["TrackSignal"][];
  /** How many without a side or evidence were resolved meanwhile. */
  silent: number;
}

/** The signals resolved last; the newest ones are still open, so that some pages may be passed. */
export const useResolved = () => useAsked(["record", "resolved"], resolved, { every: MINUTE });

async function resolved(): Promise<Lately> {
  const spoken: Shapes["TrackSignal"][] = [];
  let silent = 0;
  let after: string | undefined;
  for (let page = 0; page < MOST_PAGES && spoken.length < RESOLVED; page++) {
    const { items, next } = await answered(
      service.GET("/api/v1/track/signals", {
        params: { query: { limit: PAGE, ...(after ? { after } : {}) } },
      }),
    );
    const done = items.filter((one) => one.horizon !== null || one.trade !== null);
    const leaning = done.filter((one) => one.direction !== "NONE" && one.evidence !== "NONE");
    spoken.push(...leaning);
    silent += done.length - leaning.length;
    if (!next) break;
    after = next;
  }
  spoken.sort((a, b) => endOf(b).localeCompare(endOf(a)));
  return { spoken: spoken.slice(0, RESOLVED), silent };
}

/** When what came of a signal could be known. */
export function endOf(one: Shapes["TrackSignal"]): string {
  return one.trade?.due ?? one.horizon?.due ?? one.as_of;
}

/** How sound the stored bars are; without the rest of its pages, of which there are few. */
export const useQualities = () =>
  useAsked(
    ["quality", "desk"],
    () => answered(service.GET("/api/v1/quality", { params: { query: { limit: 500 } } })),
    { every: MINUTE },
  );
