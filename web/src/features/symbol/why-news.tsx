import type { Event } from "@/features/symbol/data";
import { seconds } from "@/features/symbol/joined";
import type { Pinned } from "@/features/symbol/scene";
import { Section } from "@/features/symbol/why-parts";
import { count, number, signed } from "@/lib/format";
import { short, zoneLabel } from "@/lib/time";

const PINS = 6;
const EVENTS = 5;
const EACH = 2;

interface NewsProps {
  pins: readonly Pinned[];
  timeZone: string;
}

/** The stories that are pinned to the chart, by the time they could first be known. */
export function News({ pins, timeZone }: NewsProps) {
  const first = pins[0]?.stories[0];
  const zone = first ? zoneLabel(first.seen_at, timeZone) : "";
  return (
    <Section title="News pins" note={zone && `first seen, ${zone}`}>
      {pins.length === 0 && <p className="text-prose">No story about it counts in these bars.</p>}
      <ol>
        {pins.slice(0, PINS).map(({ pin, stories }) => (
          <li key={pin.time} className="py-1 text-body">
            <span className="mr-2 rounded-control border border-control px-1 text-key text-ink1">
              {pin.text}
            </span>
            {stories.slice(0, EACH).map((story) => (
              <span key={story.id} className="block pt-1">
                <span className="text-ink3">{short(story.seen_at, timeZone)} </span>
                <span className="text-ink1">{story.text}</span>{" "}
                <span className="text-ink3">
                  {story.source}, tone {signed(story.score)} by {story.scorer}
                  {story.simulated && ", simulated"}
                </span>
                {story.suspect && (
                  <span className="block font-semibold text-ink1">! suspect: {story.suspect}</span>
                )}
              </span>
            ))}
            {stories.length > EACH && (
              <span className="block text-ink3">
                {count(stories.length - EACH)} more in this bar
              </span>
            )}
          </li>
        ))}
      </ol>
      {pins.length > PINS && (
        <p className="text-label text-ink3">
          {count(pins.length - PINS)} earlier pins on the chart
        </p>
      )}
    </Section>
  );
}

/** What is due next and what was told last, of its currencies. */
export function Events({
  events,
  now,
  timeZone,
}: {
  events: readonly Event[];
  now: number | null;
  timeZone: string;
}) {
  const isDue = (one: Event) => now !== null && seconds(one.event_at) > now;
  const due = events.filter(isDue).slice(0, EVENTS);
  const told = events.filter((one) => !isDue(one)).slice(-EVENTS).reverse(); // prettier-ignore
  const zone = events[0] ? zoneLabel(events[0].event_at, timeZone) : "";
  return (
    <Section title="Events of its currencies" note={zone}>
      {due.length + told.length === 0 && (
        <p className="text-prose">None is known near these bars.</p>
      )}
      <ul>
        {[...due, ...told].map((one) => (
          <li key={`${one.series} ${one.event_at}`} className="py-0.5 text-body">
            <span className="text-ink3">{short(one.event_at, timeZone)} </span>
            <span className="text-ink1">
              {one.currency} {one.title}
            </span>{" "}
            {one.actual === null ? (
              <span>due{one.consensus !== null && `, ${number(one.consensus)} expected`}</span>
            ) : (
              <span>
                {number(one.actual)}
                {one.consensus !== null && `, ${number(one.consensus)} expected`}
              </span>
            )}
            {one.simulated && <span className="text-ink3"> simulated</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
