// Fails when the JavaScript that the first load needs is over its budget. Lazy chunks are listed, not
// counted; the worker is started with the page, and so it is.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 70;
const CONVERSATION_BUDGET_KB = 80;
const folder = new URL("../../src/penstock/_static/", import.meta.url);
const html = readFileSync(new URL("index.html", folder), "utf8");
const assets = readdirSync(new URL("assets/", folder)).filter((name) => /\.(js|css)$/.test(name));

let firstJs = 0;
let markdownJs = 0;
for (const name of assets.sort()) {
  const kb = gzipSync(readFileSync(new URL(`assets/${name}`, folder)), { level: 9 }).length / 1000;
  const isFirst = html.includes(name) || name.startsWith("follow-worker");
  if (isFirst && name.endsWith(".js")) firstJs += kb;
  if (!isFirst && name.startsWith("markdown-text-") && name.endsWith(".js")) markdownJs += kb;
  console.log(`${isFirst ? "first" : "lazy "} ${kb.toFixed(1).padStart(6)} kB  ${name}`);
}
console.log(`first load: ${firstJs.toFixed(1)} kB of JavaScript (gzip), budget ${BUDGET_KB} kB`);
console.log(
  `an open conversation: ${(firstJs + markdownJs).toFixed(1)} kB, budget ${CONVERSATION_BUDGET_KB} kB`,
);
if (markdownJs === 0) throw new Error("no chunk is named markdown-text: is it in the first load?");
if (firstJs > BUDGET_KB || firstJs + markdownJs > CONVERSATION_BUDGET_KB) process.exit(1);
