/** What the Jobs page asks and does. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answered, service } from "@/api/client";
import { asProblem, type Shapes, useAsked, useListed } from "@/api/queries";

export type Job = Shapes["JobOut"];
export type Kind = Shapes["KindOut"];
export type State = Shapes["JobState"];

export const useJobs = (state: State | null) =>
  useListed<"/api/v1/jobs">(["jobs", "list", state], (after) =>
    answered(
      service.GET("/api/v1/jobs", {
        params: { query: { ...(state ? { state } : {}), ...(after ? { after } : {}) } },
      }),
    ),
  );

export const useJob = (id: string | undefined) =>
  useAsked(
    ["jobs", "one", id],
    () =>
      answered(service.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id: id ?? "" } } })),
    { isOn: id !== undefined },
  );

export const useKinds = () =>
  useAsked(["kinds"], () => answered(service.GET("/api/v1/jobs/kinds")));

export const useSchedule = () =>
  useAsked(["schedule"], () => answered(service.GET("/api/v1/schedule")), { every: 60_000 });

/** Start, cancel or retry; what went wrong is told as the service said it. */
export function useJobAction() {
  const client = useQueryClient();
  const found = useMutation({
    mutationFn: async (act: { start: string } | { cancel: string } | { retry: string }) => {
      if ("start" in act) {
        return answered(service.POST("/api/v1/jobs", { body: { kind: act.start } }));
      }
      const [verb, id] =
        "cancel" in act ? (["cancel", act.cancel] as const) : (["retry", act.retry] as const);
      return answered<Job>(
        service.POST(`/api/v1/jobs/{job_id}/${verb}`, { params: { path: { job_id: id } } }),
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["jobs"] }),
  });
  return { act: found.mutate, isBusy: found.isPending, error: asProblem(found.error) };
}
