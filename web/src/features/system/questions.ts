/** What the System page asks and does. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answered, service } from "@/api/client";
import { asProblem, type Shapes, useAsked, useListed } from "@/api/queries";

export type Finding = Shapes["FindingOut"];
export type Token = Shapes["TokenOut"];
export type Session = Shapes["SessionOut"];
export type Deed = Shapes["DeedOut"];
export type Scope = Shapes["Scope"];

export const SCOPES: readonly Scope[] = ["read", "research", "trade", "admin"];

const first = { params: { query: { limit: 100 } } };

export const useSettings = () =>
  useAsked(["settings"], () => answered(service.GET("/api/v1/settings")));

export const useSessions = () =>
  useAsked(["sessions"], async () => {
    const found = await answered(service.GET("/api/v1/access/sessions"));
    return found.items;
  });

export const useTokens = () =>
  useAsked(["tokens"], async () => {
    const found = await answered(service.GET("/api/v1/tokens", first));
    return found.items;
  });

export const useAudit = () =>
  useListed<"/api/v1/audit">(["audit"], (after) =>
    answered(service.GET("/api/v1/audit", { params: { query: after ? { after } : {} } })),
  );

/** Look at everything: takes seconds, so it is asked for. */
export function useExamination() {
  const found = useMutation({
    mutationFn: () => answered(service.POST("/api/v1/system/examine")),
  });
  return {
    data: found.data,
    error: asProblem(found.error),
    isPending: found.isPending,
    dataUpdatedAt: found.submittedAt,
    refetch: () => found.mutate(),
  };
}

/** Something that changes who may do what; the lists are asked again. */
export function useAccess<Told, Found>(act: (told: Told) => Promise<Found>) {
  const client = useQueryClient();
  const found = useMutation({
    mutationFn: act,
    onSettled: () =>
      Promise.all(
        ["tokens", "sessions", "audit"].map((key) => client.invalidateQueries({ queryKey: [key] })),
      ),
  });
  return {
    act: found.mutate,
    data: found.data,
    isBusy: found.isPending,
    error: asProblem(found.error),
  };
}

export const makeToken = (told: { name: string; scopes: Scope[] }) =>
  answered(service.POST("/api/v1/tokens", { body: told }));

export const revokeToken = (token_id: string) =>
  answered(service.DELETE("/api/v1/tokens/{token_id}", { params: { path: { token_id } } }));

export const endSession = (session_id: string) =>
  answered(
    service.DELETE("/api/v1/access/sessions/{session_id}", { params: { path: { session_id } } }),
  );

export const logOut = () => answered(service.POST("/api/v1/access/logout"));
