import { usePreferences } from "@/lib/preferences";
import { zoneLabel, zoneName } from "@/lib/time";

/** The zone that times are shown in, and what it is called. */
export function useZone(): [string, string] {
  const { zone } = usePreferences();
  const name = zoneName(zone);
  return [name, zoneLabel(new Date(0), name)];
}

/** What went wrong, if anything did. */
export function Wrong({ detail }: { detail: string | undefined }) {
  return detail ? (
    <p role="alert" className="py-1 text-prose text-alarm">
      {detail}
    </p>
  ) : null;
}
