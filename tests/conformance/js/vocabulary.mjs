// Reads every prepared answer of a server with one version of the AI SDK: prints what its page then has, as JSON.
// node vocabulary.mjs PACKAGE URL

import { describe, openChat } from './chat.mjs';

const [name, url] = process.argv.slice(2);
const sdk = await import(name);
const { count, query } = await (await fetch(`${url}/answers`)).json();

async function read(index) {
  const page = openChat(sdk, { api: `${url}/answers/${index}${query[name] ?? ''}` });
  await page.chat.sendMessage({ text: 'hello' });
  return describe(page);
}

const outcomes = [];
for (let index = 0; index < count; index += 1) outcomes.push(await read(index));
console.log(JSON.stringify(outcomes));
