import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const service = process.env.ASSAY_SERVICE ?? "http://127.0.0.1:8420";

export default defineConfig({
  plugins: [react(), tailwind()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../src/assay/api/terminal",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content policy allows our own files alone
    modulePreload: { polyfill: false },
    target: "es2022",
    rollupOptions: {
      output: {
        manualChunks: (id: string) =>
          id.includes("lightweight-charts") || id.includes("fancy-canvas") ? "candles" : undefined,
      },
    },
  },
  server: { proxy: { "/api": { target: service, ws: true } } },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
  },
});
