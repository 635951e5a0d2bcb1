import { type Deed, useAudit } from "@/features/system/questions";
import { useZone } from "@/features/system/shared";
import { short } from "@/lib/time";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

/** What was done, by whom, from where. */
export function Audit() {
  const audit = useAudit();
  const [zone, label] = useZone();
  return (
    <Panel
      title="Audit log"
      note="append-only"
      query={audit}
      empty="Nothing was done yet."
      rows={6}
    >
      {(rows) => (
        <>
          <Table<Deed>
            label="Audit log"
            rows={rows}
            keyOf={(one) => String(one.no)}
            columns={[
              { key: "at", head: label, cell: (one) => short(one.at, zone) },
              { key: "who", head: "Who", cell: (one) => <code>{one.who}</code> },
              {
                key: "what",
                head: "What",
                cell: (one) => <span className="text-ink1">{one.what}</span>,
              },
              { key: "from", head: "From", cell: (one) => one.address, isMinor: true },
            ]}
          />
          {audit.hasMore && (
            <Button className="mt-2" onClick={audit.more}>
              Show more
            </Button>
          )}
        </>
      )}
    </Panel>
  );
}
