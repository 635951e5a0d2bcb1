import { request } from "@playwright/test";
import { mkdirSync } from "node:fs";

import { OWNER, seed, serve } from "./service";

export const STATE = "test-results/owner.json";

/** One service for all journeys that change nothing for the others; its owner is logged in. */
export default async function setup(): Promise<() => Promise<void>> {
  seed();
  const service = await serve();
  process.env.ASSAY_ADDRESS = service.address;
  mkdirSync("test-results", { recursive: true });
  const asked = await request.newContext({
    baseURL: service.address,
    extraHTTPHeaders: { origin: service.address },
  });
  const made = await asked.post("/api/v1/access/owner", {
    data: { ...OWNER, token: service.token },
  });
  if (!made.ok()) throw new Error(`no owner was made: ${await made.text()}`);
  await asked.storageState({ path: STATE });
  await asked.dispose();
  return service.stop;
}
