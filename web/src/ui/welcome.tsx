import { strings } from "../strings/language";

interface WelcomeProps {
  isEmulated: boolean;
  /** What the model is told before every answer of this chat; empty when nothing. */
  instructions: string;
  onAsk(text: string): void;
  onInstruct(): void;
}

/** The empty page. */
export function Welcome({ isEmulated, instructions, onAsk, onInstruct }: WelcomeProps) {
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
      <button type="button" class="instruct" onClick={onInstruct}>
        {instructions === "" ? strings().addInstructions : <b>{strings().instructions}</b>}
        {instructions !== "" && <span class="instruct-words">{instructions}</span>}
      </button>
    </div>
  );
}
