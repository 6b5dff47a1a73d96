// Streams through the gateway with OpenAI's own library. Prints the outcomes as JSON.
// node openai.mjs URL

import OpenAI, { AzureOpenAI } from 'openai';

import { endings, play } from './play.mjs';

const [url] = process.argv.slice(2);
const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'anything', maxRetries: 0 });
const v1 = new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: 'anything', maxRetries: 0 });
const azure = new AzureOpenAI({ endpoint: url, apiKey: 'anything', apiVersion: '2024-10-21', maxRetries: 0 });

async function ask(text, { client = openai, model = 'gpt-5.4-mini', ...options } = {}) {
  const outcome = { content: '', reasoning: '', errors: [], finish: null, usage: null, ids: [] };
  try {
    const { data: stream, response } = await client.chat.completions
      .create({
        model,
        messages: [{ role: 'user', content: text }],
        stream: true,
        stream_options: { include_usage: true },
        ...options,
      })
      .withResponse();
    outcome.run = response.headers.get('x-run-id');
    for await (const chunk of stream) {
      const [choice] = chunk.choices;
      outcome.content += choice?.delta.content ?? '';
      outcome.reasoning += choice?.delta.reasoning_content ?? '';
      outcome.finish = choice?.finish_reason ?? outcome.finish;
      outcome.usage = chunk.usage ?? outcome.usage;
      outcome.ids = [...new Set([...outcome.ids, chunk.id])];
    }
  } catch (error) {
    outcome.errors.push({
      message: String(error.message),
      status: error.status,
      code: error.code,
      kind: error.constructor.name,
    });
  }
  return outcome;
}

await play({
  answer: () => ask('count 60'),
  answer_v1: () => ask('count 60', { client: v1 }),
  answer_azure: () => ask('count 60', { client: azure }),
  reasoning: () => ask('echo: thought through', { model: 'deepseek-r1' }),
  refused: () => ask('hello', { model: 'no-such-model' }),
  bad_input: () => ask('hello', { temperature: 'warm' }),
  length: () => ask('count 60', { max_completion_tokens: 10 }),
  ...endings(ask),

  async whole() {
    const answer = await openai.chat.completions.create({
      model: 'gpt-5.4-mini',
      messages: [{ role: 'user', content: 'count 60' }],
    });
    return { content: answer.choices[0].message.content, finish: answer.choices[0].finish_reason, usage: answer.usage };
  },

  async whole_cut() {
    const messages = [{ role: 'user', content: 'count 60' }];
    try {
      return { answer: await openai.chat.completions.create({ model: 'fault-no-finish', messages }) };
    } catch (error) {
      return { status: error.status, code: error.code };
    }
  },

  async helper() {
    const snapshots = [];
    const stream = openai.chat.completions.stream({
      model: 'gpt-5.4-mini',
      messages: [{ role: 'user', content: 'count 60' }],
    });
    stream.on('content', (_delta, snapshot) => snapshots.push(snapshot));
    const last = await stream.finalChatCompletion();
    return { content: last.choices[0].message.content, last: snapshots.at(-1), finish: last.choices[0].finish_reason };
  },

  async leave() {
    const messages = [{ role: 'user', content: 'count 600' }];
    const { data: stream, response } = await openai.chat.completions
      .create({ model: 'slow', messages, stream: true })
      .withResponse();
    let content = '';
    for await (const chunk of stream) {
      content += chunk.choices[0]?.delta.content ?? '';
      if (content.length > 60) break;
    }
    return { content, run: response.headers.get('x-run-id') };
  },

  async models() {
    const names = [];
    for await (const model of openai.models.list()) names.push(model.id);
    return { names };
  },
});
