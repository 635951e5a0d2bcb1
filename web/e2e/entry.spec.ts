import { claim, expect, listen, test } from "./walk";
import { OWNER, serve } from "./service";

test("the first start makes its owner, who logs out and in again", async ({ browser }) => {
  const service = await serve({ empty: true });
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  const complaints = listen(page);
  await claim(page, service);
  expect(page.url()).not.toContain("owner");

  const cookies = await context.cookies();
  const session = cookies.find((one) => one.name.startsWith("__Host-"));
  expect(session).toMatchObject({ httpOnly: true, secure: true, sameSite: "Strict" });
  expect(
    await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage })),
  ).not.toContain(session?.value ?? "?");

  await page.evaluate(() => history.pushState(null, "", "/system"));
  await context.clearCookies();
  await page.reload();
  await page.getByLabel("Name").fill(OWNER.name);
  await page.getByLabel("Password").fill("a wrong one 1234");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Name").fill(OWNER.name);
  await page.getByLabel("Password").fill(OWNER.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("navigation", { name: "Pages" })).toBeVisible();
  // the browser itself notes each 401, and nothing else
  expect(complaints.filter((one) => !one.includes("401"))).toEqual([]);
  await context.close();
  await service.stop();
});
