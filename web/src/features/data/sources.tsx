import { useState } from "react";

import { Choice } from "@/features/data/coverage";
import { type Source, useSources } from "@/features/data/questions";
import { count } from "@/lib/format";
import { age } from "@/lib/time";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

const KEYS: Record<string, string> = {
  present: "✓ present",
  missing: "– missing",
  optional: "◦ optional, none",
  "none needed": "✓ none needed",
};

/** Every source: what it gives, whether its key is there, and how much of its limits is used. */
export function Sources() {
  const sources = useSources();
  const [shown, setShown] = useState("usable");
  return (
    <Panel
      title="Sources"
      note="keys are never shown"
      query={sources}
      rows={10}
      empty="No source is known."
      summary={
        <Choice
          label="Show"
          value={shown}
          onChange={setShown}
          options={[
            ["usable", "those that can be asked"],
            ["missing", "those that lack a key"],
            ["", "all"],
          ]}
        />
      }
    >
      {(rows) => (
        <Table<Source>
          label="Sources"
          rows={rows.filter((one) => isShown(one, shown))}
          keyOf={(one) => `${one.gives} ${one.name}`}
          isQuiet={(one) => one.key === "missing"}
          columns={[
            {
              key: "name",
              head: "Source",
              cell: (one) => (
                <a
                  href={one.document}
                  target="_blank"
                  rel="noopener noreferrer"
                  className="inline-flex min-h-6 items-center font-semibold text-ink1 underline decoration-rule underline-offset-2"
                >
                  {one.title}
                </a>
              ),
            },
            { key: "gives", head: "Gives", cell: givenBy },
            {
              key: "key",
              head: "Key",
              cell: (one) => (
                <>
                  <span className="whitespace-nowrap">{KEYS[one.key] ?? one.key}</span>
                  {one.key === "missing" && (
                    <span className="block break-all">
                      <code>{one.variables.join(" ")}</code>
                    </span>
                  )}
                </>
              ),
            },
            {
              key: "limits",
              head: "Calls used",
              cell: (one) =>
                usedOf(one).map((said) => (
                  <span key={said} className="block">
                    {said}
                  </span>
                )),
              isNumber: true,
            },
            { key: "licence", head: "Terms", cell: (one) => one.licence, isMinor: true },
          ]}
        />
      )}
    </Panel>
  );
}

/** Whether a source is among those that are shown. */
export function isShown(one: Pick<Source, "key">, shown: string): boolean {
  return shown === "" || (shown === "missing") === (one.key === "missing");
}

function givenBy(one: Source): string {
  const kinds = Object.entries(one.bars).map(([kind, frames]) =>
    frames.length > 1 ? `${kind} ${frames[0]} to ${frames.at(-1)}` : `${kind} ${frames.join("")}`,
  );
  const live = Object.keys(one.live).length > 0 ? ", live" : "";
  return kinds.length > 0 ? `${one.gives}: ${kinds.join(", ")}${live}` : one.gives;
}

/** `0 of 200 in 60 s`, one for each limit. */
export function usedOf(one: Pick<Source, "limits">): string[] {
  if (one.limits.length === 0) return ["–"];
  return one.limits.map(
    (limit) => `${count(limit.used)} of ${count(limit.calls)} in ${age(limit.seconds)}`,
  );
}
