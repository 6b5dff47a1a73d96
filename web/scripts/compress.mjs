// Compresses the built assets once, so that the server sends them small without compressing anything while it streams.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const folder = new URL("../../src/penstock/_static/assets/", import.meta.url);
for (const name of readdirSync(folder).filter((file) => /\.(js|css)$/.test(file))) {
  writeFileSync(new URL(`${name}.gz`, folder), gzipSync(readFileSync(new URL(name, folder)), { level: 9 }));
}
