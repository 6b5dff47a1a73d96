import { useChat } from '@ai-sdk/react';
import { useRef } from 'react';

export function Chat() {
  const runId = useRef(null);
  const { messages, input, handleInputChange, handleSubmit, status, error } = useChat({
    api: '/api/chat',
    onResponse: (response) => {
      runId.current = response.headers.get('x-run-id');
    },
  });
  const isBusy = status === 'submitted' || status === 'streaming';

  // useChat's own stop() only hangs up, and the answer goes on without a listener. This one stops the model.
  function stop() {
    fetch(`/api/runs/${runId.current}/stop`, { method: 'POST' });
  }

  return (
    <main>
      {messages.map(({ id, role, content, annotations }) => (
        <article key={id} className={`message ${role}`}>
          <div>{content}</div>
          {role === 'assistant' && <Note annotations={annotations} />}
        </article>
      ))}
      {error && <p className="error">{sentenceOf(error)}</p>}
      <form onSubmit={handleSubmit}>
        <input value={input} onChange={handleInputChange} placeholder="Ask something" aria-label="Message" />
        {isBusy ? (
          <button type="button" onClick={stop} disabled={status === 'submitted'}>
            Stop
          </button>
        ) : (
          <button type="submit">Send</button>
        )}
      </form>
    </main>
  );
}

// The last annotation says how the run ended and what it took.
function Note({ annotations }) {
  const run = annotations?.findLast(({ type }) => type === 'run');
  if (!run) return null;
  const note = run.status === 'finished' ? `${run.usage?.outputTokens ?? '?'} tokens` : run.status;
  return <small className="note">{note}</small>;
}

// A request that was refused has problem JSON (RFC 9457) for its message; an answer that failed has a sentence.
function sentenceOf(error) {
  try {
    return JSON.parse(error.message).detail;
  } catch {
    return error.message;
  }
}
