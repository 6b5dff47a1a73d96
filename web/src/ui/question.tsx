import { type Entry, textOf } from "../chat/transcript";
import { problemTrouble } from "../chat/trouble";
import { strings } from "../strings/language";
import { BranchSwitch } from "./branch-switch";
import { CopyButton } from "./copy-button";
import { Notice } from "./notice";

interface QuestionProps {
  entry: Entry;
  onShowBranch(messageId: string): void;
  onRetry(): void;
  onTakeBack(): void;
}

/** What a person asked. */
export function Question({ entry, onShowBranch, onRetry, onTakeBack }: QuestionProps) {
  const { message, siblings, unsent } = entry;
  return (
    <article class="question">
      <h2 class="visually-hidden">{strings().youAsked}</h2>
      <div class="bubble">{textOf(message)}</div>
      {unsent === null ? (
        <div class="actions">
          {siblings !== null && <BranchSwitch siblings={siblings} onShow={onShowBranch} />}
          <CopyButton text={() => textOf(message)} label={strings().copyQuestion} />
        </div>
      ) : (
        <Notice
          trouble={{ ...problemTrouble(unsent), title: strings().notSent(problemTrouble(unsent).title) }}
        >
          <button type="button" class="button" onClick={onRetry}>
            {strings().retry}
          </button>
          <button type="button" class="button button-plain" onClick={onTakeBack}>
            {strings().edit}
          </button>
        </Notice>
      )}
    </article>
  );
}
