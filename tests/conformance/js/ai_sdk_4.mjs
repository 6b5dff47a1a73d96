// Sends messages as useChat of the AI SDK 4 does, by the same function of its package. Prints the outcomes as JSON.
// node ai_sdk_4.mjs URL

import { callChatApi, fillMessageParts, generateId } from '@ai-sdk/ui-utils';

import { endings, play } from './play.mjs';

const [url] = process.argv.slice(2);

async function ask(text, { model = 'gpt-5.4-mini', history = [], abortController, ...body } = {}) {
  const outcome = { errors: [], finishes: [], data: [] };
  const messages = fillMessageParts([...history, { role: 'user', content: text, id: generateId() }]);
  try {
    await callChatApi({
      api: `${url}/api/chat`,
      body: { id: generateId(), messages: messages.map(({ id, ...message }) => message), model, ...body },
      abortController: () => abortController,
      restoreMessagesOnFailure: () => {},
      onResponse: (response) => {
        outcome.run = response.headers.get('x-run-id');
        outcome.header = response.headers.get('x-vercel-ai-data-stream');
      },
      onUpdate: ({ message, data }) => {
        outcome.message = structuredClone(message);
        outcome.data = data ?? outcome.data;
        body.onUpdate?.(outcome);
      },
      onFinish: (message, { usage, finishReason }) => {
        outcome.message = structuredClone(message);
        outcome.finishes.push({ usage, finishReason });
      },
      generateId,
      lastMessage: messages.at(-1),
    });
  } catch (error) {
    outcome.errors.push(String(error.message));
  }
  return { ...outcome, messages };
}

await play({
  answer: () => ask('count 60'),
  reasoning: () => ask('echo: thought through', { model: 'deepseek-r1' }),
  refused: () => ask('hello', { model: 'no-such-model' }),
  length: () => ask('count 60', { max_completion_tokens: 10 }),
  ...endings(ask),

  async conversation() {
    const first = await ask('echo: first');
    return ask('echo: second ⟨é😀⟩', { history: [...first.messages, first.message] });
  },

  async stop() {
    let stopped;
    const outcome = await ask('count 600', {
      model: 'slow',
      onUpdate: ({ run, message }) => {
        if (message.content.length > 60) stopped ??= fetch(`${url}/api/runs/${run}/stop`, { method: 'POST' });
      },
    });
    return { ...outcome, receipt: await (await stopped).json() };
  },

  async leave() {
    const abortController = new AbortController();
    return ask('count 300', {
      model: 'slow',
      abortController,
      onUpdate: ({ message }) => message.content.length > 60 && abortController.abort(),
    });
  },
});
