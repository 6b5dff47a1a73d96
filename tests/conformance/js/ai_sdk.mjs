// Plays what people do in a chat, with one version of the AI SDK against a running Penstock: prints the outcomes as JSON.
// node ai_sdk.mjs PACKAGE URL [DIALECT [socket]]

import { describe, grown, openChat } from './chat.mjs';
import { endings, play } from './play.mjs';

const [name, url, dialect, socket] = process.argv.slice(2);
const sdk = await import(name);
const api = `${url}/api/chat`;
const query = dialect ? `?dialect=${dialect}` : '';

// As an application does it that wants a dialect: an address of its own, for sending and for resuming.
class Http extends sdk.DefaultChatTransport {
  constructor(body) {
    super({ api, body, fetch: (target, init) => this.fetchOnce(`${target}${query}`, init) });
    this.cut = new AbortController();
  }

  async fetchOnce(target, init) {
    const { signal } = this.cut;
    const response = await fetch(target, init);
    return response.body ? new Response(breakable(response.body, signal), response) : response;
  }

  // Loses the connection, and finds a network again right after.
  lose() {
    this.cut.abort();
    this.cut = new AbortController();
  }
}

const Socket = class extends (sdk.WebSocketChatTransport ?? class {}) {
  constructor(body) {
    super({ url: `${url}/api/ws${query}`, body });
  }

  lose() {
    this.close();
  }
};

const scenarios = {
  async answer(open) {
    const page = open('gpt-5.4-mini');
    await page.chat.sendMessage({ text: 'count 60' });
    return describe(page);
  },

  async conversation(open) {
    const page = open('gpt-5.4-mini');
    await page.chat.sendMessage({ text: 'echo: first ⟨é😀⟩' });
    await page.chat.sendMessage({ text: 'echo: second\n\nline' });
    return describe(page);
  },

  async reasoning(open) {
    const page = open('deepseek-r1');
    await page.chat.sendMessage({ text: 'echo: thought through' });
    return describe(page);
  },

  async edit(open) {
    const page = open('gpt-5.4-mini');
    await page.chat.sendMessage({ text: 'echo: before' });
    await page.chat.sendMessage({ text: 'echo: after', messageId: page.chat.messages[0].id });
    return describe(page);
  },

  async regenerate(open) {
    const page = open('gpt-5.4-mini');
    await page.chat.sendMessage({ text: 'count 5' });
    const first = page.chat.lastMessage.id;
    await page.chat.regenerate();
    return { first, ...describe(page) };
  },

  async stop(open) {
    const page = open('slow');
    const sending = page.chat.sendMessage({ text: 'count 600' });
    await grown(page, 60, sending);
    const stopped = await fetch(`${api}/${page.chat.id}/stop`, { method: 'POST' });
    await sending;
    return { receipt: await stopped.json(), ...describe(page) };
  },

  async leave(open) {
    const page = open('slow');
    const sending = page.chat.sendMessage({ text: 'count 300' });
    await grown(page, 60, sending);
    await page.chat.stop();
    await sending;
    return describe(page);
  },

  async reload(open) {
    const page = open('slow');
    const sending = page.chat.sendMessage({ text: 'count 300' });
    await grown(page, 60, sending);
    await page.chat.stop();
    await sending;
    const again = open('slow', { id: page.chat.id, messages: page.chat.messages.slice(0, 1) });
    await again.chat.resumeStream();
    return describe(again);
  },

  async disconnect(open) {
    const page = open('slow');
    const sending = page.chat.sendMessage({ text: 'count 300' });
    await grown(page, 60, sending);
    page.transport.lose();
    await sending;
    const dropped = describe(page);
    // The answer comes again from its start. Versions that would add it to the half that is there begin a new chat.
    const kept = page.chat.messages.slice(0, 1);
    const again = page.transport.resumeStreamIsReplay ? page : open('slow', { id: page.chat.id, messages: kept });
    await again.chat.resumeStream();
    return { dropped, ...describe(again) };
  },

  async nothing_runs(open) {
    const page = open('gpt-5.4-mini');
    await page.chat.resumeStream();
    return describe(page);
  },

  async refused(open) {
    const page = open('no-such-model');
    await page.chat.sendMessage({ text: 'hello' });
    return describe(page);
  },

  async tools(open) {
    const weather = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } };
    const page = open('gpt-5.4-mini', {
      body: { tools: [weather] },
      sendAutomaticallyWhen: sdk.lastAssistantMessageIsCompleteWithToolCalls,
    });
    const { chat, seen } = page;
    await chat.sendMessage({ text: 'call weather {"city": "Oslo"}' });
    const { toolCallId, input } = chat.lastMessage.parts.find((part) => part.type === 'tool-weather');
    (chat.addToolOutput ?? chat.addToolResult)({ tool: 'weather', toolCallId, output: 'Snow, -3 degrees' });
    while (seen.finishes.length < 2 && seen.errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    // The end is told before the state says so.
    while (chat.status === 'streaming') await new Promise((resolve) => setTimeout(resolve, 5));
    return { asked: [input], ...describe(page) };
  },

  async length(open) {
    const page = open('gpt-5.4-mini', { body: { max_completion_tokens: 10 } });
    await page.chat.sendMessage({ text: 'count 60' });
    return describe(page);
  },
};

// The body of a response whose connection is lost when the signal says so.
function breakable(body, signal) {
  const reader = body.getReader();
  return new ReadableStream({
    start(controller) {
      signal.addEventListener('abort', () => {
        controller.error(new TypeError('network error'));
        reader.cancel();
      });
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (signal.aborted) return;
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

// Gives each scenario its own way to open chats, and notes the last chat's id.
function opening(run) {
  return async () => {
    let page;
    const open = (model, { body = {}, ...options } = {}) => {
      const transport = new (socket ? Socket : Http)({ model, ...body });
      page = { ...openChat(sdk, { ...options, transport }), transport };
      return page;
    };
    const outcome = await run(open);
    return { ...outcome, id: page.chat.id };
  };
}

// The text stream has no word for a failure: only a connection that breaks says it.
function askForText(model) {
  return async () => {
    const transport = new sdk.TextStreamChatTransport({ api: `${url}/api/as/text/chat`, body: { model } });
    const page = openChat(sdk, { transport });
    await page.chat.sendMessage({ text: 'count 60' });
    return describe(page);
  };
}

async function ask(text, { model }) {
  const page = openChat(sdk, { transport: new (socket ? Socket : Http)({ model }) });
  await page.chat.sendMessage({ text });
  return describe(page);
}

const opened = Object.fromEntries(Object.entries(scenarios).map(([scenario, run]) => [scenario, opening(run)]));
await play({
  ...opened,
  ...endings(ask),
  text_answer: askForText('gpt-5.4-mini'),
  text_cut: askForText('fault-no-finish'),
});
