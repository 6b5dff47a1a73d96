// A chat in the terminal over the AI SDK's WebSocket: node chat.mjs
// Every line is a message. Ctrl-C stops the answer, and ends the program when none is being given.
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

import { generateId, WebSocketChatTransport } from 'ai';

const RETRIES = 6;
const url = process.env.PENSTOCK_URL ?? 'http://127.0.0.1:8000';
const transport = new WebSocketChatTransport({ url: `${url}/api/ws?dialect=7` });
const chatId = generateId();
const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
let isAnswering = false;

lines.on('SIGINT', interrupt);
process.on('SIGINT', interrupt);
lines.prompt();
for await (const line of lines) {
  isAnswering = true;
  if (line.trim()) await answer(line);
  isAnswering = false;
  if (!lines.closed) lines.prompt();
}
transport.close();

// The transport's own abort only detaches. The run is stopped by its own call, and its end then comes as a chunk.
function interrupt() {
  if (isAnswering) fetch(`${url}/api/chat/${chatId}/stop`, { method: 'POST' });
  else lines.close();
}

// The connection may be lost at any time, and the answer goes on meanwhile: resuming brings it again from its start.
async function answer(text) {
  let shown = '';
  const write = (piece) => {
    shown += piece;
    process.stdout.write(piece);
  };
  for (let retry = 0; ; retry += 1) {
    try {
      const stream = retry === 0 ? await send(text) : await transport.reconnectToStream({ chatId });
      if (stream) await show(stream, shown.length, write);
      else console.log(`${(await keptAnswer()).slice(shown.length)}\n[ended while the connection was lost]`);
      return;
    } catch (error) {
      // What the server refuses is an Error; a TypeError is the network's.
      if (!(error instanceof TypeError) || retry === RETRIES) return console.log(`\n[${error.message}]`);
      await wait(100 * 2 ** retry);
    }
  }
}

// The server keeps the conversation: the new message is enough.
function send(text) {
  const message = { id: generateId(), role: 'user', parts: [{ type: 'text', text }] };
  return transport.sendMessages({ chatId, messages: [message], trigger: 'submit-message' });
}

// Shows a stream, without the characters at its beginning that were shown before.
async function show(stream, skipped, write) {
  let size = 0;
  for await (const chunk of stream) {
    if (chunk.type === 'text-delta') {
      const before = size;
      size += chunk.delta.length;
      if (size > skipped) write(chunk.delta.slice(Math.max(0, skipped - before)));
    } else if (chunk.type === 'error') {
      console.log(`\n[${chunk.errorText}]`);
    } else if (chunk.type === 'abort') {
      console.log('\n[stopped]');
    } else if (chunk.type === 'finish') {
      const { finishReason, messageMetadata } = chunk;
      console.log(`\n[${finishReason}, ${messageMetadata?.usage?.outputTokens ?? '?'} tokens]`);
    }
  }
}

async function keptAnswer() {
  const response = await fetch(`${url}/api/conversations/${chatId}`);
  const { messages } = await response.json();
  const texts = messages
    .at(-1)
    .parts.filter(({ type }) => type === 'text')
    .map(({ text }) => text);
  return texts.join('');
}
