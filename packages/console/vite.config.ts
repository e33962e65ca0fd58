import { defineConfig } from "vite";

export default defineConfig({
  build: {
    // Whoever serves it allows no inline scripts and no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    reportCompressedSize: false,
  },
  server: {
    // `npx vite` beside a fleet: the page comes from here, everything else from the API.
    proxy: Object.fromEntries(["/v1", "/queues", "/docs"].map((path) => [path, "http://127.0.0.1:3000"])),
  },
});
