import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, test } from "./walk";

const PAGES = [
  "/",
  "/symbol",
  "/signal",
  "/models",
  "/experiments",
  "/jobs",
  "/backtests",
  "/data",
  "/system",
];
const WIDTHS = [360, 768, 1440];
const SHOTS = process.env.SHOTS; // a folder: the pictures are kept there to be looked at

/** Wait until nothing on the page is still being asked for. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
  await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
}

for (const path of PAGES) {
  for (const theme of ["dark", "light"] as const) {
    test(`${path} in ${theme} keeps WCAG 2.2 AA at every width, and nothing scrolls sideways`, async ({
      desk: page,
    }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(path);
        await settled(page);
        const found = await new AxeBuilder({ page })
          .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
          .analyze();
        const wrong = found.violations.map((one) => ({
          rule: one.id,
          where: one.nodes.map((node) => node.target.join(" ")).slice(0, 3),
        }));
        expect(wrong, `${path} ${theme} ${width}`).toEqual([]);
        const spill = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(spill, `${path} at ${width} px is wider than the screen`).toBeLessThanOrEqual(0);
        if (SHOTS) {
          const name = `${path === "/" ? "desk" : path.slice(1)}-${theme}-${width}.png`;
          await page.screenshot({ path: `${SHOTS}/${name}`, fullPage: width < 768 });
        }
      }
    });
  }
}
