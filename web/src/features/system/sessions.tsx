import {
  endSession,
  logOut,
  type Session,
  useAccess,
  useSessions,
} from "@/features/system/questions";
import { useZone, Wrong } from "@/features/system/shared";
import { short } from "@/lib/time";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

/** Logins that are open; each can be ended. */
export function Sessions() {
  const sessions = useSessions();
  const ending = useAccess(endSession);
  const leaving = useAccess(logOut);
  const [zone, label] = useZone();
  return (
    <Panel
      title="Sessions"
      query={sessions}
      empty="Nobody is logged in."
      summary={
        <Button
          onClick={() => leaving.act(undefined, { onSuccess: () => location.assign("/") })}
          disabled={leaving.isBusy}
        >
          Log out
        </Button>
      }
    >
      {(rows) => (
        <>
          <Wrong detail={ending.error?.detail ?? leaving.error?.detail} />
          <Table<Session>
            label="Sessions"
            rows={rows}
            keyOf={(one) => one.id}
            columns={[
              {
                key: "from",
                head: "From",
                cell: (one) => <span className="text-ink1">{one.address}</span>,
              },
              {
                key: "agent",
                head: "Browser",
                cell: (one) => <span className="break-words">{one.agent}</span>,
                isMinor: true,
              },
              {
                key: "used",
                head: `Last used, ${label}`,
                cell: (one) => short(one.used_at, zone),
                isNumber: true,
              },
              {
                key: "end",
                head: <span className="sr-only">End</span>,
                isNumber: true,
                cell: (one) =>
                  one.is_this ? (
                    "this one"
                  ) : (
                    <Button
                      aria-label={`End the session from ${one.address}`}
                      onClick={() => ending.act(one.id)}
                    >
                      End
                    </Button>
                  ),
              },
            ]}
          />
        </>
      )}
    </Panel>
  );
}
