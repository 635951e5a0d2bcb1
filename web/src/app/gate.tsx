import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";

import { answered, onSignedOut, ProblemError, service, setCsrf } from "@/api/client";
import { useAsked } from "@/api/queries";
import { Button } from "@/ui/button";

/** What stands after #owner= in the address that `assay serve` showed; it leaves the address at once. */
function ownerToken(): string | null {
  const found = /^#owner=(.+)$/.exec(location.hash)?.[1] ?? null;
  if (found) history.replaceState(null, "", location.pathname);
  return found;
}

/** Lets nobody in who is not known: the owner is made, or somebody logs in. */
export function Gate({ children }: { children: ReactNode }) {
  const [token] = useState(ownerToken);
  const client = useQueryClient();
  const me = useAsked(["me"], async () => {
    const found = await answered(service.GET("/api/v1/access/me"));
    setCsrf(found.csrf ?? null);
    return found;
  });
  const isUnknown = me.error?.status === 401;
  const standing = useAsked(["standing"], () => answered(service.GET("/api/v1/access/standing")), {
    isOn: isUnknown,
  });
  useEffect(() => onSignedOut(() => void client.resetQueries({ queryKey: ["me"] })), [client]);
  if (isUnknown && standing.data) {
    return (
      <Entry
        isOwner={!standing.data.has_owner}
        token={token}
        onIn={() => void client.resetQueries({ queryKey: ["me"] })}
      />
    );
  }
  const wrong = standing.error ?? (isUnknown ? null : me.error);
  if (wrong && !me.data) {
    return (
      <Door title="The service does not answer">
        <p className="text-prose">{wrong.detail}</p>
        <p className="text-prose">
          It is started with <code>assay serve</code>.
        </p>
        <Button onClick={() => void me.refetch()}>Try now</Button>
      </Door>
    );
  }
  return me.data ? children : null;
}

function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      <section className="flex w-90 flex-col gap-3 rounded-panel border border-hair bg-panel p-4">
        <h1 className="flex items-center gap-2 text-headline font-semibold text-ink1">
          <img src="/mark.svg" alt="" width={22} height={22} />
          {title}
        </h1>
        {children}
      </section>
    </main>
  );
}

const FIELD =
  "min-h-8 rounded-control border border-control bg-inset px-2 text-prose text-ink1 max-tablet:min-h-11";

function Entry({
  isOwner,
  token,
  onIn,
}: {
  isOwner: boolean;
  token: string | null;
  onIn: () => void;
}) {
  const [wrong, setWrong] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const enter = async (form: FormData) => {
    const name = String(form.get("name"));
    const password = String(form.get("password"));
    setBusy(true);
    try {
      const found = isOwner
        ? await answered(
            service.POST("/api/v1/access/owner", {
              body: { token: token ?? String(form.get("token")), name, password },
            }),
          )
        : await answered(service.POST("/api/v1/access/login", { body: { name, password } }));
      setCsrf(found.csrf);
      onIn();
    } catch (error) {
      setWrong(error instanceof ProblemError ? error.detail : "It could not be sent; try again.");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Door title={isOwner ? "Make this workspace yours" : "Log in to Assay"}>
      {isOwner && (
        <p className="text-prose">
          Nobody owns this service yet. Choose a name and a password; they stay on this machine.
        </p>
      )}
      <form action={enter} className="flex flex-col gap-3">
        {isOwner && token === null && (
          <Field label="Token that assay serve showed" name="token" type="password" />
        )}
        <Field label="Name" name="name" autoComplete="username" />
        <Field
          label={isOwner ? "Password, 15 signs or more advised" : "Password"}
          name="password"
          type="password"
          autoComplete={isOwner ? "new-password" : "current-password"}
        />
        {wrong && (
          <p role="alert" className="text-prose text-alarm">
            {wrong}
          </p>
        )}
        <Button kind="primary" type="submit" disabled={isBusy} className="justify-center">
          {isOwner ? "Begin" : "Log in"}
        </Button>
      </form>
    </Door>
  );
}

function Field({
  label,
  name,
  type = "text",
  autoComplete,
}: {
  label: string;
  name: string;
  type?: string;
  autoComplete?: string;
}) {
  return (
    <label className="flex flex-col gap-1 text-label text-ink3">
      {label}
      <input
        name={name}
        type={type}
        autoComplete={autoComplete}
        required
        maxLength={200}
        className={FIELD}
      />
    </label>
  );
}
