/** The one way to the service: typed by its OpenAPI, errors as one sentence. */
import createClient, { type Middleware } from "openapi-fetch";

import type { paths } from "@/api/schema";

/** Why a question was not answered, as the service says it (RFC 9457). */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly id: string | null,
  ) {
    super(detail);
  }
}

let csrf: string | null = null;
const lost = new Set<() => void>();

/** Remember what changing questions must carry; it is bound to the session. */
export function setCsrf(token: string | null): void {
  csrf = token;
}

/** Be told when the session is no longer known. */
export function onSignedOut(listener: () => void): () => void {
  lost.add(listener);
  return () => lost.delete(listener);
}

const guarded: Middleware = {
  onRequest({ request }) {
    if (csrf && request.method !== "GET") request.headers.set("X-Assay-CSRF", csrf);
    return request;
  },
  async onResponse({ request, response }) {
    if (response.ok || response.status === 304) return response;
    const isEntering = new URL(request.url).pathname.startsWith("/api/v1/access/");
    if (response.status === 401 && !isEntering) for (const listener of lost) listener();
    throw await problemOf(response);
  },
  onError() {
    return new ProblemError(
      0,
      "The service does not answer. What is shown is kept, and it is asked again.",
      null,
    );
  },
};

async function problemOf(response: Response): Promise<ProblemError> {
  try {
    const body = (await response.json()) as { detail?: string; instance?: string };
    return new ProblemError(
      response.status,
      body.detail ?? `The service answered with ${response.status}.`,
      body.instance ?? null,
    );
  } catch {
    return new ProblemError(response.status, `The service answered with ${response.status}.`, null);
  }
}

export const service = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "http://localhost",
});
service.use(guarded);

/** Return the data of an answer; what went wrong was thrown before. */
export async function answered<Data>(asked: Promise<{ data?: Data }>): Promise<Data> {
  const { data } = await asked;
  return data as Data;
}
