/** What the Experiments page asks and starts. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answered, service } from "@/api/client";
import { asProblem, type Shapes, useAsked, useListed } from "@/api/queries";

export type Run = Shapes["CountedRun"];
export type Whole = Shapes["RunOut"];
export type Verdict = Shapes["VerdictOut"];
export type Compared = Shapes["Comparison"];
export type Estimate = Shapes["Figure"];

export const useRuns = () =>
  useListed<"/api/v1/experiments">(["experiments", "list"], (after) =>
    answered(
      service.GET("/api/v1/experiments", {
        params: { query: { limit: 200, ...(after ? { after } : {}) } },
      }),
    ),
  );

export const useRun = (id: string) =>
  useAsked(["experiments", "one", id], () =>
    answered(service.GET("/api/v1/experiments/{id}", { params: { path: { id } } })),
  );

/** The newest verdict on a run; asked only of one that has a verdict. */
export const useVerdict = (id: string, isOn: boolean) =>
  useAsked(
    ["experiments", "verdict", id],
    () => answered(service.GET("/api/v1/experiments/{id}/verdict", { params: { path: { id } } })),
    { isOn },
  );

export const useComparison = (ids: readonly string[]) =>
  useAsked(
    ["experiments", "compare", ...ids],
    () =>
      answered(
        service.GET("/api/v1/experiments/compare", { params: { query: { ids: [...ids] } } }),
      ),
    { isOn: ids.length > 1 },
  );

/** Start the experiments of a text; what is wrong with it is told as the service said it. */
export function useLaunch() {
  const client = useQueryClient();
  const found = useMutation({
    mutationFn: (text: string) =>
      answered(service.POST("/api/v1/jobs", { body: { kind: "experiment", arguments: { text } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["jobs"] }),
  });
  return {
    launch: found.mutate,
    isBusy: found.isPending,
    error: asProblem(found.error),
    job: found.data,
  };
}
