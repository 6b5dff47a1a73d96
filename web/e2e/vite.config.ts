// Builds parts of the page for tests that need them in a browser without the page around them.

import { mergeConfig } from "vite";
import page from "../vite.config";

export default mergeConfig(page, {
  base: "./",
  publicDir: false,
  build: {
    rollupOptions: {
      input: { "every-split": new URL("every-split.ts", import.meta.url).pathname },
      preserveEntrySignatures: "strict",
      output: { entryFileNames: "[name].js" },
    },
  },
});
