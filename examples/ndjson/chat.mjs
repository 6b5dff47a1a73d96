// Streams one answer by Microsoft's AI Chat Protocol: node chat.mjs "Which question?"
import { AIChatProtocolClient } from '@microsoft/ai-chat-protocol';

const url = process.env.PENSTOCK_URL ?? 'http://127.0.0.1:8000';
const client = new AIChatProtocolClient(`${url}/api/as/ndjson/chat`);
const question = process.argv[2] ?? 'show markdown';

try {
  const lines = await client.getStreamedCompletion([{ role: 'user', content: question }]);
  for await (const { delta, context } of lines) {
    process.stdout.write(delta.content ?? '');
    if (context?.status) report(context);
  }
} catch (error) {
  // The text so far stands above; what failed, or broke off, is never taken for a whole answer.
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}

function report({ status, finish_reason: reason, usage }) {
  console.error(`\n[${status}${reason ? `, ${reason}` : ''}, ${usage?.completion_tokens ?? '?'} tokens]`);
}
