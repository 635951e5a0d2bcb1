import type { Shapes } from "@/api/queries";
import { count, number } from "@/lib/format";
import { useNow } from "@/lib/now";
import { usePreferences } from "@/lib/preferences";
import { full, until, zoneName } from "@/lib/time";
import { type Asked, Panel } from "@/ui/panel";

const SHOWN = 5;

interface EventsProps {
  query: Asked<{ items: Shapes["EventOut"][] }>;
  /** The market's own time, where it is a simulated one. */
  at: string | undefined;
}

/** The economic events that come next. */
export function Events({ query, at }: EventsProps) {
  const clock = useNow();
  const zone = zoneName(usePreferences().zone);
  const now = at ? new Date(at) : clock;
  const coming = (found: { items: Shapes["EventOut"][] }) =>
    found.items.filter((one) => new Date(one.event_at) >= now);
  return (
    <Panel
      title="Next events"
      query={query}
      rows={3}
      isEmpty={(found) => coming(found).length === 0}
      empty={
        <p>
          No economic event of the next 7 days is known. <code>assay macro sync</code> fetches the
          calendar of the sources in your settings, in seconds.
        </p>
      }
      summary={(found) => {
        const many = coming(found).length;
        return many > SHOWN ? `${SHOWN} of ${count(many)}` : "";
      }}
    >
      {(found) => (
        <ul>
          {coming(found)
            .slice(0, SHOWN)
            .map((one) => (
              <li
                key={`${one.series} ${one.event_at}`}
                className="flex min-h-6 items-baseline gap-3 border-t border-hair py-1 first:border-t-0"
                title={full(one.event_at, zone)}
              >
                <time
                  dateTime={one.event_at}
                  className={`w-20 shrink-0 whitespace-nowrap ${one.impact === "high" ? "font-semibold text-ink1" : "text-ink2"}`}
                >
                  {until(one.event_at, now)}
                </time>
                <span className="min-w-0 grow text-ink1">
                  {one.title}
                  <span className="block text-label text-ink3">
                    {[
                      one.consensus === null ? "" : `expected ${number(one.consensus)}`,
                      one.previous === null ? "" : `before ${number(one.previous)}`,
                      one.simulated ? "simulated" : "",
                    ]
                      .filter(Boolean)
                      .join(", ")}
                  </span>
                </span>
                <span className="text-right whitespace-nowrap text-ink3">
                  {one.impact} <code>{one.currency}</code>
                </span>
              </li>
            ))}
        </ul>
      )}
    </Panel>
  );
}
