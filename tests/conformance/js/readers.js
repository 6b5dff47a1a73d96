// Reader loops as tutorials and samples write them, each for the wire that it was written for. Each gives what its page
// would show: the text, whether it takes the answer for whole, and the error. Loaded into a page as it stands.

const ask = (path, body) =>
  fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

const user = (text) => [{ role: 'user', content: text }];

globalThis.readers = {
  // Each piece that arrives is split by itself; what is no JSON is thrown away.
  async sse_piece_by_piece(text, model) {
    const page = { text: '', done: false, error: null };
    const response = await ask('/api/chat/stream', { message: text, model });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = decoder.decode(value).split('\n');
      for (const line of lines) {
        if (!line.startsWith('data: ')) continue;
        const data = line.slice(6);
        if (data === '[DONE]') return page;
        try {
          const parsed = JSON.parse(data);
          if (parsed.content) page.text += parsed.content;
          if (parsed.error) page.error = parsed.error;
          if (parsed.done) page.done = true;
        } catch {}
      }
    }
    return page;
  },

  // Lines are kept until they are whole; an error is thrown; the loop ends with the connection.
  async sse_line_by_line(text, model) {
    const page = { text: '', done: false, error: null };
    const response = await ask('/chat/stream', { messages: user(text), model });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = '';
    try {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        buffer += piece.value;
        const lines = buffer.split('\n');
        buffer = lines.pop();
        for (const line of lines) {
          if (!line.startsWith('data:')) continue;
          const data = line.slice(5).trim();
          if (data === '[DONE]') continue;
          const event = JSON.parse(data);
          if (event.error) throw new Error(event.error);
          if (event.done) page.done = true;
          else page.text += event.content ?? '';
        }
      }
    } catch (error) {
      page.error = error.message;
    }
    return page;
  },

  // Events are split at the blank line, and read field by field.
  async sse_event_by_event(text, model) {
    const page = { text: '', done: false, error: null };
    const response = await ask('/api/chat', { messages: user(text), model, stream: true });
    let buffer = '';
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      buffer += piece;
      let end;
      while ((end = buffer.indexOf('\n\n')) >= 0) {
        const fields = buffer
          .slice(0, end)
          .split('\n')
          .filter((line) => line.startsWith('data: '));
        buffer = buffer.slice(end + 2);
        const data = fields.map((line) => line.substring(6)).join('\n');
        if (!data || data === '[DONE]') continue;
        const { content, done, error } = JSON.parse(data);
        if (content) page.text += content;
        if (done) page.done = true;
        if (error) page.error = error;
      }
    }
    return page;
  },

  // Microsoft's AI Chat Protocol, as pages read it that have no client for it.
  async ndjson(text, model) {
    const page = { text: '', done: false, error: null };
    const response = await ask('/api/as/ndjson/chat/stream', { messages: user(text), model });
    for await (const event of ndjsonOf(response.body)) {
      if (event.error) page.error = event.error.message;
      else if (event.delta.content) page.text += event.delta.content;
      if (event.context?.finish_reason) page.done = true;
    }
    return page;
  },

  // The page of azure-search-openai-demo: the first line has the context, errors are sentences.
  async ndjson_demo(text, model) {
    const page = { text: '', done: false, error: null };
    const body = { messages: user(text), model, context: { overrides: {} }, session_state: null };
    const response = await ask('/chat/stream', body);
    let answer;
    for await (const event of ndjsonOf(response.body)) {
      if (event['context'] && event['context']['data_points']) {
        event['message'] = event['delta'];
        answer = event;
      } else if (event['delta'] && event['delta']['content']) {
        page.text += event['delta']['content'];
      } else if (event['context']) {
        answer.context = { ...answer.context, ...event['context'] };
      } else if (event['error']) {
        page.error = event['error'];
      }
    }
    page.done = answer.context.finish_reason !== undefined;
    return page;
  },

  // Azure's DeepSeek sample: bare choices, thoughts apart from the text.
  async choices(text, model) {
    const page = { text: '', done: false, error: null };
    const response = await ask('/api/as/choices/chat/stream', { messages: user(text), model });
    for await (const event of ndjsonOf(response.body)) {
      if (event.delta?.content) page.text += event.delta.content;
      if (event.error) page.error = event.error.message ?? event.error;
      if (event.finish_reason) page.done = true;
    }
    return page;
  },

  // Azure's quickstart: the events of the Responses API, one a line.
  async responses(text, model) {
    const page = { text: '', done: false, error: null };
    const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }];
    const response = await ask('/chat/stream', { input, model });
    for await (const event of ndjsonOf(response.body)) {
      if (event.error) page.error = event.error.message ?? event.error;
      if (event.type === 'response.output_text.delta') page.text += event.delta;
      if (event.type === 'response.completed') page.done = true;
      if (event.type === 'response.failed') page.error = event.response.error.message;
      if (event.type === 'error') page.error = event.message;
    }
    return page;
  },

  // The AI SDK's WebSocket, by hand: frames of this request are told from others by its id.
  socket(text, model) {
    const page = { text: '', done: false, error: null };
    const requestId = crypto.randomUUID();
    const messages = [{ id: requestId, role: 'user', parts: [{ type: 'text', text }] }];
    const frame = { type: 'send', requestId, id: requestId, trigger: 'submit-message', messages, body: { model } };
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/ws`);
    return new Promise((resolve, reject) => {
      socket.onerror = () => reject(new Error('no connection'));
      socket.onopen = () => socket.send(JSON.stringify(frame));
      socket.onmessage = ({ data }) => {
        const { type, chunk, errorText } = JSON.parse(data);
        if (chunk?.type === 'text-delta') page.text += chunk.delta;
        if (chunk?.type === 'finish') page.done = true;
        if (chunk?.type === 'error' || type === 'error') page.error = chunk?.errorText ?? errorText;
        if (type !== 'end' && type !== 'error') return;
        socket.close();
        resolve(page);
      };
    });
  },

  // Nothing but characters: that the connection holds to the end is all that says that the answer is whole.
  async text(text, model) {
    const page = { text: '', done: false, error: null };
    const response = await ask('/api/chat?wire=text', { messages: user(text), model });
    try {
      for await (const piece of response.body.pipeThrough(new TextDecoderStream())) page.text += piece;
      page.done = true;
    } catch (error) {
      page.error = error.message;
    }
    return page;
  },
};

// Objects of a body of lines, by a transform that keeps the unfinished line.
function ndjsonOf(body) {
  let rest = '';
  const lines = new TransformStream({
    transform(piece, controller) {
      const [last, ...whole] = (rest + piece).split('\n').reverse();
      rest = last;
      for (const line of whole.reverse()) if (line.trim()) controller.enqueue(JSON.parse(line));
    },
    flush(controller) {
      if (rest.trim()) controller.enqueue(JSON.parse(rest));
    },
  });
  return body.pipeThrough(new TextDecoderStream()).pipeThrough(lines);
}
