import { useState } from "react";

import {
  makeToken,
  revokeToken,
  type Scope,
  SCOPES,
  type Token,
  useAccess,
  useTokens,
} from "@/features/system/questions";
import { useZone, Wrong } from "@/features/system/shared";
import { short } from "@/lib/time";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

/** Keys for programs: made here, shown once, taken back at any time. */
export function Tokens() {
  const tokens = useTokens();
  const making = useAccess(makeToken);
  const revoking = useAccess(revokeToken);
  const [zone, label] = useZone();
  return (
    <Panel title="Tokens" note="for programs" query={tokens} isEmpty={() => false} empty="">
      {(rows) => (
        <div className="flex flex-col gap-3">
          <MakeToken isBusy={making.isBusy} onMake={making.act} />
          <Wrong detail={making.error?.detail ?? revoking.error?.detail} />
          {making.data && (
            <p role="status" className="rounded-control bg-inset p-2 text-prose text-ink1">
              Copy it now, it is shown this once:{" "}
              <code className="break-all select-all">{making.data.token}</code>
            </p>
          )}
          {rows.length === 0 ? (
            <p className="text-prose">No program has a token.</p>
          ) : (
            <Table<Token>
              label="Tokens"
              rows={rows}
              keyOf={(one) => one.id}
              isQuiet={(one) => one.revoked_at !== null}
              columns={[
                {
                  key: "name",
                  head: "For",
                  cell: (one) => <span className="text-ink1">{one.name}</span>,
                },
                { key: "scopes", head: "May", cell: (one) => one.scopes.join(", ") },
                {
                  key: "used",
                  head: `Last used, ${label}`,
                  cell: (one) => short(one.used_at, zone),
                  isNumber: true,
                  isMinor: true,
                },
                {
                  key: "revoke",
                  head: <span className="sr-only">Take back</span>,
                  isNumber: true,
                  cell: (one) =>
                    one.revoked_at ? (
                      "taken back"
                    ) : (
                      <Button
                        aria-label={`Take back ${one.name}`}
                        onClick={() => revoking.act(one.id)}
                      >
                        Take back
                      </Button>
                    ),
                },
              ]}
            />
          )}
        </div>
      )}
    </Panel>
  );
}

function MakeToken({
  isBusy,
  onMake,
}: {
  isBusy: boolean;
  onMake: (told: { name: string; scopes: Scope[] }) => void;
}) {
  const [scopes, setScopes] = useState<readonly Scope[]>(["read"]);
  return (
    <form
      className="flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        const name = String(new FormData(event.currentTarget).get("name"));
        onMake({ name, scopes: [...scopes] });
        event.currentTarget.reset();
      }}
    >
      <label className="flex flex-col gap-1 text-label text-ink3">
        For which program
        <input
          name="name"
          required
          maxLength={60}
          className="min-h-7 rounded-control border border-control bg-inset px-2 text-prose text-ink1"
        />
      </label>
      <fieldset className="flex flex-wrap gap-3">
        <legend className="text-label text-ink3">It may</legend>
        {SCOPES.map((scope) => (
          <label key={scope} className="flex min-h-6 items-center gap-1">
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={(event) =>
                setScopes(
                  SCOPES.filter((one) =>
                    one === scope ? event.target.checked : scopes.includes(one),
                  ),
                )
              }
            />
            {scope}
          </label>
        ))}
      </fieldset>
      <Button type="submit" disabled={isBusy || scopes.length === 0}>
        Make a token
      </Button>
    </form>
  );
}
