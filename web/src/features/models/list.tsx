import { useState } from "react";

import { type Model, useModels, useMonitors } from "@/features/models/questions";
import { count } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { day, short, zoneLabel, zoneName } from "@/lib/time";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

const GATES: Record<string, string> = {
  promoted: "✓ promoted",
  refused: "✕ refused",
  withdrawn: "– withdrawn",
};

/** Every trained model: what it is, what the gate said, and whether it drifts. */
export function Models({
  selected,
  onOpen,
}: {
  selected: string | undefined;
  onOpen: (id: string) => void;
}) {
  const models = useModels();
  const monitors = useMonitors();
  const [kind, setKind] = useState<"all" | "member" | "fusion">("all");
  const { zone } = usePreferences();
  const name = zoneName(zone);
  const drift = new Map(
    monitors.data?.items.map((one) => [one.fusion, one.verdict] as const) ?? [],
  );
  const gate = (model: Model) =>
    model.quarantined
      ? "✕ set aside"
      : model.gate
        ? (GATES[model.gate] ?? model.gate)
        : "◦ not judged";
  return (
    <Panel
      title="Models"
      note="each as it was fitted; its id is the hash of what it is"
      query={models}
      rows={10}
      empty={
        <>
          Nothing is trained yet: run <code>assay train</code>, or start the job train.
        </>
      }
      summary={
        <label className="flex items-center gap-2">
          Show
          <select
            value={kind}
            onChange={(event) => setKind(event.target.value as typeof kind)}
            className="min-h-6 rounded-control border border-control bg-inset px-1 text-ink1"
          >
            <option value="all">all</option>
            <option value="member">members</option>
            <option value="fusion">fusions</option>
          </select>
        </label>
      }
    >
      {(rows) => (
        <>
          <Table<Model>
            label="Models"
            rows={rows.filter((one) => kind === "all" || one.kind === kind)}
            keyOf={(one) => one.artefact}
            onOpen={(one) => onOpen(one.artefact)}
            isCurrent={(one) => one.artefact === selected}
            isQuiet={(one) => one.quarantined !== null}
            columns={[
              {
                key: "name",
                head: "Model",
                cell: (one) => (
                  <span className="font-semibold text-ink1">
                    {one.member} {one.timeframe}
                  </span>
                ),
              },
              { key: "family", head: "Family", cell: (one) => one.family, isMinor: true },
              {
                key: "of",
                head: "Learned from",
                cell: (one) =>
                  one.symbols.length > 3
                    ? `${one.symbols.slice(0, 3).join(", ")} and ${count(one.symbols.length - 3)} more`
                    : one.symbols.join(", "),
              },
              {
                key: "until",
                head: "Knows until",
                cell: (one) => lastEnd(one, name),
                isNumber: true,
                isMinor: true,
              },
              { key: "gate", head: "Gate", cell: gate },
              {
                key: "drift",
                head: "Drift",
                cell: (one) =>
                  one.kind === "fusion" ? (drift.get(one.artefact) ?? "not looked at") : "",
                isMinor: true,
              },
              {
                key: "made",
                head: `Made, ${zoneLabel(new Date(0), name)}`,
                cell: (one) => short(one.made_at, name),
                isNumber: true,
              },
            ]}
          />
          {models.hasMore && (
            <Button className="mt-2" onClick={models.more}>
              Show more
            </Button>
          )}
        </>
      )}
    </Panel>
  );
}

function lastEnd(model: Model, zone: string): string {
  const last = Object.values(model.spans)
    .map((span) => span.end)
    .sort()
    .at(-1);
  return last ? `${day(last, zone)} ${last.slice(0, 4)}` : "–";
}
