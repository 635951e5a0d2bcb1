import { claim, expect, listen, test } from "./walk";
import { serve } from "./service";

test("the desk says what each market is worth, and the keyboard opens the reason", async ({
  desk: page,
}) => {
  const board = page.getByRole("grid", { name: /Conviction/ });
  await expect(board).toBeVisible();
  await expect(board.getByText("EURUSD")).toBeVisible();
  await board.locator('[tabindex="0"]').first().focus();
  await page.keyboard.press("6"); // 1h
  await page.keyboard.press("Enter");

  await expect(page).toHaveURL(/\/signal\/sig-/);
  await expect(page.getByRole("heading", { name: "Evidence", level: 2 })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/$/);
  await page.keyboard.press("Escape");
  await expect(board).toBeVisible();
});

test("escape leads from a page that was opened from outside to the desk", async ({
  desk: page,
}) => {
  const address = new URL(page.url()).origin;
  const other = await page.context().newPage();
  await other.goto(`${address}/models`);
  await expect(other.getByRole("heading", { name: "Models", level: 1 })).toBeAttached();
  await other.keyboard.press("Escape");
  await expect(other.getByRole("grid", { name: /Conviction/ })).toBeVisible();
  await other.close();
});

test("a signal adds up, shows its blind view beside the verdict, and proves its place", async ({
  desk: page,
}) => {
  await page.goto("/signal");
  await expect(page.getByRole("heading", { name: "Evidence", level: 2 })).toBeVisible();
  await expect(page.getByText("Phase 1", { exact: false }).first()).toBeVisible();
  await expect(page.getByText("Phase 2", { exact: false }).first()).toBeVisible();
  await page.getByRole("button", { name: /Verify/ }).click();
  await expect(page.getByText(/verified|holds|intact/i).first()).toBeVisible();
  await expect(page.getByText(/simulated/i).first()).toBeVisible();
});

test("a symbol is looked at in another length of bar, as a table, and bar by bar", async ({
  desk: page,
}) => {
  await page.goto("/symbol/EURUSD/1h");
  await expect(page.locator("canvas").first()).toBeVisible();
  await page.keyboard.press("7"); // 4h
  await expect(page).toHaveURL(/\/symbol\/EURUSD\/4h/);
  await page.keyboard.press("6");
  await expect(page).toHaveURL(/\/symbol\/EURUSD\/1h/);
  await expect(page.locator("canvas").first()).toBeVisible();
  await page.keyboard.press("t");
  await expect(page.getByRole("table").first()).toBeVisible();
  await page.keyboard.press("t");
  await page.keyboard.press("r");
  await expect(page.getByText("REPLAY").first()).toBeVisible();
  await page.keyboard.press("Space");
  await page.keyboard.press("Escape");
});

test("anything is reached by typing", async ({ desk: page }) => {
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Symbol or command").fill("xau");
  await expect(page.getByRole("option", { name: /XAUUSD/ })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/symbol\/XAUUSD/);
  await page.keyboard.press("g");
  await page.keyboard.press("x");
  await expect(page).toHaveURL(/\/system/);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
});

test("a model's card says what it learned from and what the gate said", async ({ desk: page }) => {
  await page.goto("/models");
  await page.getByLabel("Show").selectOption("member");
  const table = page.getByRole("table", { name: "Models", exact: true });
  await table.getByRole("row").nth(1).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/models\//);
  await expect(page.getByText("Reads", { exact: false })).toBeVisible();
});

test("a backtest says every figure with its interval and how many are behind it", async ({
  desk: page,
}) => {
  await page.goto("/backtests");
  await page.getByRole("row").nth(1).click();
  await expect(page).toHaveURL(/\/backtests\//);
  await expect(page.getByText(/\[[−\d., ]+\]/).first()).toBeVisible();
  await expect(page.getByText(/simulated/i).first()).toBeVisible();
});

test("the data say what is there of what should be", async ({ desk: page }) => {
  await page.goto("/data");
  await expect(page.getByText("EURUSD").first()).toBeVisible();
  await page.goto("/data/EURUSD/1h");
  await expect(page.getByText(/coverage/i).first()).toBeVisible();
});

test("a job is started, followed live, and its outcome stays", async ({ desk: page }) => {
  await page.goto("/jobs");
  await page.getByRole("button", { name: "Start resolve" }).click();
  await expect(page).toHaveURL(/\/jobs\/job-/);
  const job = page.getByRole("region", { name: "resolve", exact: true });
  await expect(job.getByText("✓ done")).toBeVisible({ timeout: 40_000 });
  await expect(job.getByText(/written down/).first()).toBeVisible();
});

test("a token is made, shown once, and taken back", async ({ desk: page }) => {
  await page.goto("/system");
  await page.getByLabel("For which program").fill("a notebook");
  await page.getByRole("button", { name: "Make a token" }).click();
  const shown = page.getByRole("status").filter({ hasText: "shown this once" });
  await expect(shown).toContainText("assay_");
  await page.getByRole("button", { name: "Take back a notebook" }).click();
  await expect(page.getByRole("cell", { name: "taken back", exact: true })).toBeVisible();
});

test("themes, zones and sides are remembered by the browser alone", async ({ desk: page }) => {
  await page.goto("/system");
  await page.getByLabel("Theme").selectOption("light");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await page.getByLabel("Times").selectOption("local");
  const kept = await page.evaluate(() => Object.keys(localStorage));
  expect(kept).toEqual(["assay.preferences"]);
});

test("a market that goes on reaches the page without a reload", async ({ browser }) => {
  test.setTimeout(180_000);
  const service = await serve({ flags: ["--simulate-every", "3"] });
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  const complaints = listen(page);
  await claim(page, service);
  const time = page.getByText(/^market time/);
  await expect(time).toBeVisible();
  const before = await time.textContent();
  await expect(time).not.toHaveText(before ?? "", { timeout: 120_000 });
  await expect(page.getByText(/Line live, seq [1-9]/)).toBeVisible();
  expect(complaints.filter((one) => !one.includes("401"))).toEqual([]);
  await context.close();
  await service.stop();
});

test("a service that goes away is said, and what was missed comes when it returns", async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const first = await serve();
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  await claim(page, first);
  await expect(page.getByText(/Line live/)).toBeVisible();
  await expect(page.getByRole("grid", { name: /Conviction/ })).toBeVisible();
  await first.kill();
  await expect(page.getByText(/The line to the service broke/)).toBeVisible();
  await expect(page.getByRole("grid", { name: /Conviction/ })).toBeVisible();

  const port = Number(new URL(first.address).port);
  const second = await serve({ home: first.home, port });
  await expect(page.getByText(/Line live/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/The line to the service broke/)).toBeHidden();
  await context.close();
  await second.stop();
});

test("the first script is small", async ({ desk: page }) => {
  const sizes = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter((one) => one.name.endsWith(".js"))
      .map((one) => (one as PerformanceResourceTiming).encodedBodySize),
  );
  expect(sizes.reduce((sum, one) => sum + one, 0)).toBeLessThan(200_000);
});
