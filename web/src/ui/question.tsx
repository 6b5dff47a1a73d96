import { type Entry, textOf } from "../chat/transcript";
import { problemTrouble } from "../chat/trouble";
import { strings } from "../strings/language";
import { AgainButton } from "./again-button";
import { BranchSwitch } from "./branch-switch";
import { CopyButton } from "./copy-button";
import { EditIcon } from "./icons";
import { Notice } from "./notice";
import { QuestionEditor } from "./question-editor";
import { SentFiles } from "./sent-files";
import type { TurnActions } from "./turn-actions";

interface QuestionProps {
  entry: Entry;
  isEdited: boolean;
  actions: TurnActions;
}

function SentActions({ entry, actions }: Omit<QuestionProps, "isEdited">) {
  const { message, siblings } = entry;
  return (
    <div class="actions">
      {siblings !== null && <BranchSwitch siblings={siblings} onShow={actions.onShowBranch} />}
      <CopyButton text={() => textOf(message)} label={strings().copyQuestion} />
      <button
        type="button"
        class="quiet"
        disabled={actions.isTaken}
        onClick={() => actions.onEdit(message.id)}
        aria-label={strings().editMessage}
        title={strings().editMessage}
      >
        <EditIcon />
      </button>
    </div>
  );
}

function Unsent({ entry, actions }: Pick<QuestionProps, "entry" | "actions">) {
  if (entry.unsent === null) return null;
  const trouble = problemTrouble(entry.unsent);
  return (
    <Notice trouble={{ ...trouble, title: strings().notSent(trouble.title) }}>
      <AgainButton label={strings().retry} notBefore={entry.retryAt} onClick={actions.onRetry} />
      <button type="button" class="button button-plain" onClick={actions.onTakeBack}>
        {strings().edit}
      </button>
    </Notice>
  );
}

/** What a person asked. */
export function Question({ entry, isEdited, actions }: QuestionProps) {
  const { message, unsent } = entry;
  const text = textOf(message);
  return (
    <article class="question" id={`message-${message.id}`}>
      <h2 class="visually-hidden">{strings().youAsked}</h2>
      {isEdited ? (
        <QuestionEditor
          text={text}
          isHeld={actions.isTaken.value}
          onSend={(edited) => actions.onSendEdited(message.id, edited)}
          onCancel={() => actions.onEdit(null)}
        />
      ) : (
        <>
          <SentFiles message={message} />
          {text !== "" && <div class="bubble">{text}</div>}
        </>
      )}
      {unsent === null && !isEdited && <SentActions entry={entry} actions={actions} />}
      <Unsent entry={entry} actions={actions} />
    </article>
  );
}
