import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Keeps one font format: every browser that can run the page reads woff2. */
const onlyWoff2: Plugin = {
  name: "only-woff2",
  enforce: "pre",
  transform(code, id) {
    if (!id.includes("katex.min.css")) return null;
    return code.replace(/,url\([^)]+\.(?:woff|ttf)\) format\("[^"]+"\)/g, "");
  },
};

/** Packages of markdown-it whose work the browser does, or that do more than this page wants. */
const standIns = {
  entities: "entities",
  "linkify-it": "linkify",
  mdurl: "addresses",
  "punycode.js": "addresses",
  "uc.micro": "letter-classes",
};

const server = process.env["PENSTOCK_URL"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [onlyWoff2],
  resolve: {
    alias: Object.fromEntries(
      Object.entries(standIns).map(([name, file]) => [
        name,
        new URL(`src/text/${file}.ts`, import.meta.url).pathname,
      ]),
    ),
  },
  build: {
    outDir: "../src/penstock/_static",
    emptyOutDir: true,
    target: "es2022",
    // The page's security policy forbids data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  server: { proxy: { "/api": server } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
    // So that tests meet the stand-ins, as the page does.
    server: { deps: { inline: ["markdown-it"] } },
  },
});
