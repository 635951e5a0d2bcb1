import { defineConfig } from "@playwright/test";
import { existsSync } from "node:fs";

const browser =
  process.env.CHROMIUM ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (!browser && process.env.CI) throw new Error("the journeys need Chromium, and there is none");
if (!browser) console.warn("The journeys are left out: there is no Chromium (name it: CHROMIUM=…)");

// Debian's browser: none is downloaded. One worker, for the journeys share a service.
export default defineConfig({
  testDir: "e2e",
  testMatch: browser ? "**/*.spec.ts" : [],
  timeout: 60_000,
  expect: { timeout: 15_000 },
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"]],
  ...(browser ? { globalSetup: "./e2e/setup.ts" } : {}),
  outputDir: "test-results",
  use: {
    viewport: { width: 1440, height: 1000 },
    colorScheme: "dark",
    launchOptions: {
      ...(browser ? { executablePath: browser } : {}),
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    },
  },
});
