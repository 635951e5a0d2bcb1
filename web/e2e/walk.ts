/** What every journey begins with: a page that is let in, and complains of nothing. */
import { test as plain, expect, type Page } from "@playwright/test";

import { OWNER, type Service } from "./service";
import { STATE } from "./setup";

export { expect };

export const test = plain.extend<{ desk: Page }>({
  baseURL: async ({}, use) => use(process.env.ASSAY_ADDRESS ?? ""),
  storageState: STATE,
  desk: async ({ page }, use) => {
    const complaints = listen(page);
    await page.goto("/");
    await expect(page.getByRole("navigation", { name: "Pages" })).toBeVisible();
    await use(page);
    expect(complaints).toEqual([]);
  },
});

/** Gather what the browser complains of. */
export function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (one) => {
    if (one.type() === "error") complaints.push(one.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return complaints;
}

/** Make the owner of a fresh service, as its address asks. */
export async function claim(page: Page, service: Service): Promise<void> {
  await page.goto(`${service.address}/#owner=${service.token}`);
  await page.getByLabel("Name").fill(OWNER.name);
  await page.getByLabel(/^Password/).fill(OWNER.password);
  await page.getByRole("button", { name: "Begin" }).click();
  await expect(page.getByRole("navigation", { name: "Pages" })).toBeVisible();
}
