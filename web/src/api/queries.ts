/** Every question that a page asks, once each; the first word of a key says what makes it old. */
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { answered, ProblemError, service } from "@/api/client";
import type { components, paths } from "@/api/schema";

export type Shapes = components["schemas"];
export type Timeframe = Shapes["Timeframe"];

/** A question as a panel wants it. */
export function ask<Data>(key: readonly unknown[], question: () => Promise<Data>, isOn = true) {
  return { queryKey: key, queryFn: question, enabled: isOn } as const;
}

/** Ask, and tell what went wrong as the service said it. */
export function useAsked<Data>(
  key: readonly unknown[],
  question: () => Promise<Data>,
  { isOn = true, keeps = false, every }: { isOn?: boolean; keeps?: boolean; every?: number } = {},
) {
  const found = useQuery<Data>({
    ...ask(key, question, isOn),
    ...(keeps ? { placeholderData: keepPreviousData } : {}),
    ...(every ? { refetchInterval: every } : {}),
  });
  return {
    data: found.data,
    error: asProblem(found.error),
    isPending: found.isPending && isOn,
    dataUpdatedAt: found.dataUpdatedAt,
    refetch: found.refetch,
  };
}

export function asProblem(error: Error | null): ProblemError | null {
  if (error === null) return null;
  return error instanceof ProblemError ? error : new ProblemError(0, error.message, null);
}

type Listed<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": { items: (infer Item)[] } } } } };
}
  ? Item
  : never;

/** A list that grows by its pages. */
export function useListed<Path extends keyof paths>(
  key: readonly unknown[],
  page: (after: string | undefined) => Promise<{ items: Listed<Path>[]; next: string | null }>,
  isOn = true,
) {
  const found = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => page(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: isOn,
  });
  return {
    data: found.data?.pages.flatMap((one) => one.items),
    error: asProblem(found.error),
    isPending: found.isPending,
    dataUpdatedAt: found.dataUpdatedAt,
    refetch: found.refetch,
    hasMore: found.hasNextPage,
    more: () => void found.fetchNextPage(),
  };
}

const path = <Params extends object>(params: Params) => ({ params: { path: params } });

export const useInstruments = () =>
  useAsked(["instruments"], async () => {
    const found = await answered(
      service.GET("/api/v1/instruments", { params: { query: { limit: 500 } } }),
    );
    return found.items;
  });

export const useBoard = () => useAsked(["board"], () => answered(service.GET("/api/v1/board")));

export const useSystem = () =>
  useAsked(["status", "system"], () => answered(service.GET("/api/v1/system")));

export const useJournalHead = () =>
  useAsked(["journal", "head"], () => answered(service.GET("/api/v1/journal/head")));

export const useSignal = (signal: string | undefined) =>
  useAsked(
    ["signals", signal],
    () => answered(service.GET("/api/v1/signals/{signal}", path({ signal: signal ?? "" }))),
    { isOn: signal !== undefined },
  );

export const useExplanation = (signal: string | undefined) =>
  useAsked(
    ["explanation", signal],
    () =>
      answered(service.GET("/api/v1/signals/{signal}/explanation", path({ signal: signal ?? "" }))),
    { isOn: signal !== undefined },
  );
