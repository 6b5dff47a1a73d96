// Asks by Microsoft's AI Chat Protocol with its own client. Prints the outcomes as JSON.
// node microsoft.mjs URL

import { AIChatProtocolClient } from '@microsoft/ai-chat-protocol';

import { endings, play } from './play.mjs';

const [url] = process.argv.slice(2);

// The protocol has no word for a model; a page that wants to choose one adds it to the request.
function clientOf(model) {
  const policy = {
    name: 'model',
    sendRequest(request, next) {
      request.body = JSON.stringify({ ...JSON.parse(request.body), model });
      return next(request);
    },
  };
  const additionalPolicies = model === undefined ? [] : [{ policy, position: 'perCall' }];
  return new AIChatProtocolClient(`${url}/api/as/ndjson/chat`, { additionalPolicies });
}

async function ask(text, { model, history = [], options = {} } = {}) {
  const messages = [...history, { role: 'user', content: text }];
  const outcome = { content: '', deltas: [], errors: [] };
  try {
    for await (const delta of await clientOf(model).getStreamedCompletion(messages, options)) {
      outcome.deltas.push(delta);
      outcome.content += delta.delta.content ?? '';
    }
  } catch (error) {
    outcome.errors.push(String(error.message));
  }
  return outcome;
}

await play({
  answer: () => ask('count 60'),
  reasoning: () => ask('echo: thought through', { model: 'deepseek-r1' }),
  refused: () => ask('hello', { model: 'no-such-model' }),
  state: () => ask('echo: remembered', { options: { sessionState: { theme: 'dark' } } }),
  whole: () => clientOf().getCompletion([{ role: 'user', content: 'echo: all at once' }]),
  ...endings(ask),

  conversation: () =>
    ask('echo: second ⟨é😀⟩', {
      history: [
        { role: 'user', content: 'echo: first' },
        { role: 'assistant', content: 'first', context: { kept: 'by the page' } },
      ],
    }),
});
