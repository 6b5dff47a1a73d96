import { strings } from "../strings/language";

interface WelcomeProps {
  isEmulated: boolean;
  onAsk(text: string): void;
}

/** The empty page. */
export function Welcome({ isEmulated, onAsk }: WelcomeProps) {
  const starters = isEmulated ? strings().emulatorStarters : strings().starters;
  return (
    <div class="welcome">
      <h1>{strings().welcomeHeading}</h1>
      <ul class="starters">
        {starters.map(({ question, hint }) => (
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
