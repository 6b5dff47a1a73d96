import { useChat } from '@ai-sdk/react';
import { DefaultChatTransport } from 'ai';
import { useState } from 'react';

// `dialect=7` opens what only the newest version reads: that an answer broke off is then no error but a finish reason.
const transport = new DefaultChatTransport({
  api: '/api/chat?dialect=7',
  prepareReconnectToStreamRequest: ({ id }) => ({ api: `/api/chat/${id}/stream?dialect=7` }),
  fetch: async (...call) => {
    const response = await fetch(...call);
    // Nothing to resume: the live answer has ended since the messages were loaded, and is now among them.
    if (response.status === 204) location.reload();
    return response;
  },
});

const NOTES = {
  stopped: 'Stopped.',
  interrupted: 'The answer broke off.',
  failed: 'The answer failed.',
};

export function Chat({ id, kept, isLive }) {
  const chat = useChat({ id, messages: kept, transport, resume: isLive });
  const { messages, sendMessage, regenerate, status, error } = chat;
  const [text, setText] = useState('');
  const isBusy = status === 'submitted' || status === 'streaming';

  function submit(event) {
    event.preventDefault();
    if (!text.trim() || isBusy) return;
    sendMessage({ text });
    setText('');
  }

  // useChat's own stop() only hangs up, and the answer goes on without a listener. This one stops the model; the page
  // then gets the end of the stream as of any other.
  function stop() {
    fetch(`/api/chat/${id}/stop`, { method: 'POST' });
  }

  return (
    <main>
      {messages.map((message) => (
        <Message key={message.id} message={message} />
      ))}
      {error && <p className="error">{sentenceOf(error)}</p>}
      <form onSubmit={submit}>
        <input
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="Ask something"
          aria-label="Message"
        />
        {isBusy ? (
          <button type="button" onClick={stop}>
            Stop
          </button>
        ) : (
          <button type="submit">Send</button>
        )}
        <button type="button" disabled={isBusy || messages.length === 0} onClick={() => regenerate()}>
          Again
        </button>
      </form>
    </main>
  );
}

function Message({ message: { role, parts, metadata } }) {
  return (
    <article className={`message ${role}`}>
      {parts.map((part, index) => {
        if (part.type === 'text') return <div key={index}>{part.text}</div>;
        if (part.type === 'reasoning') {
          return (
            <div key={index} className="reasoning">
              {part.text}
            </div>
          );
        }
        return null;
      })}
      {role === 'assistant' && <Note metadata={metadata} />}
    </article>
  );
}

function Note({ metadata }) {
  const tokens = metadata?.usage?.outputTokens;
  const note = NOTES[metadata?.status] ?? (tokens && `${tokens} tokens`);
  return note ? <small className="note">{note}</small> : null;
}

// A request that was refused has problem JSON (RFC 9457) for its message; an answer that failed has a sentence.
function sentenceOf(error) {
  try {
    return JSON.parse(error.message).detail;
  } catch {
    return error.message;
  }
}
