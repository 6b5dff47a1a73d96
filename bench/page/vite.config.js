import { defineConfig } from "vite";

const PAGES = ["penstock", "react-markdown", "react-markdown-full", "streamdown", "streamdown-full"];

/** One page per renderer, made here so that there are not five files that say the same. */
const pages = {
  name: "pages",
  resolveId: (id) => (PAGES.some((page) => id.endsWith(`${page}.html`)) ? id : null),
  load: (id) => {
    const page = PAGES.find((name) => id.endsWith(`/${name}.html`) || id === `${name}.html`);
    if (page === undefined) return null;
    return `<!doctype html><meta charset="utf-8"><title>${page}</title><body><script type="module" src="/src/${page}.js"></script>`;
  },
};

const here = (path) => new URL(path, import.meta.url).pathname;

export default defineConfig({
  plugins: [pages],
  // The page's own substitute, but only for what the page's own parser asks for.
  resolve: { alias: [{ find: /^entities$/, replacement: here("../../web/src/text/entities.ts") }] },
  build: {
    target: "es2022",
    rolldownOptions: { input: PAGES.map((page) => here(`${page}.html`)) },
  },
});
