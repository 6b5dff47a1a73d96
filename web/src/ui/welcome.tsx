interface WelcomeProps {
  isEmulated: boolean;
  onAsk(text: string): void;
}

const FIRST_QUESTIONS = {
  emulated: [
    ["How do I connect a real model?", "Endpoint, key, deployment"],
    ["Show me what this page can render", "Tables, code, formulas"],
    ["Write a long answer that I can stop", "And see the receipt"],
  ],
  real: [
    ["Explain server-sent events to a new colleague", "In plain words"],
    ["Compare three ways to store a log in SQL", "As a table"],
    ["Draft a short release note", "From a few bullet points"],
  ],
} as const;

/** The empty page. */
export function Welcome({ isEmulated, onAsk }: WelcomeProps) {
  return (
    <div class="welcome">
      <h1>What shall we work on?</h1>
      <ul class="starters">
        {FIRST_QUESTIONS[isEmulated ? "emulated" : "real"].map(([question, hint]) => (
          <li key={question}>
            <button type="button" onClick={() => onAsk(question)}>
              <span>{question}</span>
              <small>{hint}</small>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
