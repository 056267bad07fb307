import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // One script and one style sheet, nothing inline: the page runs under `default-src 'none'`.
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: true,
  },
  server: {
    // `npm run dev` beside a running `countersign serve`.
    proxy: { "/api": "http://127.0.0.1:7117" },
  },
  test: { include: ["test/**/*.test.ts"], environment: "node" },
});
