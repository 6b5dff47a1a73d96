// Streams one answer through the gateway with OpenAI's library: node chat.mjs "Which question?" [MODEL]
import OpenAI from 'openai';

const url = process.env.PENSTOCK_URL ?? 'http://127.0.0.1:8000';
const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: process.env.PENSTOCK_API_KEY ?? 'none' });
const [question = 'show markdown', model = await firstModel()] = process.argv.slice(2);

try {
  const stream = await openai.chat.completions.create({
    model,
    messages: [{ role: 'user', content: question }],
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const { choices, usage } of stream) {
    process.stdout.write(choices[0]?.delta.content ?? '');
    if (choices[0]?.finish_reason) console.error(`\n[${choices[0].finish_reason}]`);
    if (usage) console.error(`[${usage.completion_tokens} tokens]`);
  }
} catch (error) {
  // An answer that broke off is an error here, whatever came before it.
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}

async function firstModel() {
  const { data } = await openai.models.list();
  return data[0].id;
}
