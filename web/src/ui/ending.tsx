// What stands under an answer that has ended: how it ended, what can be done about it, and its figures.

import { useContext } from "preact/hooks";
import { canContinue } from "../chat/continued";
import { type Entry, textOf } from "../chat/transcript";
import { answerTrouble, isFiltered } from "../chat/trouble";
import { strings } from "../strings/language";
import { AgainButton } from "./again-button";
import { BranchSwitch } from "./branch-switch";
import { CopyButton } from "./copy-button";
import { FiguresRow, StopReceipt } from "./figures-row";
import { DownIcon, RetryIcon } from "./icons";
import { Menu } from "./menu";
import { ModelItems } from "./model-picker";
import { ModelsContext } from "./models-context";
import { Notice } from "./notice";
import type { TurnActions } from "./turn-actions";

export interface EndingProps {
  entry: Entry;
  /** It ended while this page looked on. */
  isNew: boolean;
  actions: TurnActions;
}

/** What to do about an answer that is not whole: the first of the ways is the one that helps. */
function Repairs({ entry, actions }: EndingProps) {
  const { message, firstId, questionId, retryAt } = entry;
  const hasRest = canContinue(message);
  const needsWords = isFiltered(message) && questionId !== null;
  const common = { isDisabled: actions.isTaken };
  return (
    <>
      {needsWords && (
        <AgainButton label={strings().editMessage} {...common} onClick={() => actions.onEdit(questionId)} />
      )}
      {hasRest && (
        <AgainButton
          label={strings().continue}
          notBefore={retryAt}
          {...common}
          onClick={() => actions.onContinue(message.id)}
        />
      )}
      {!(hasRest && message.status === "finished") && (
        <AgainButton
          label={strings().regenerate}
          notBefore={hasRest ? null : retryAt}
          isPlain={hasRest || needsWords}
          {...common}
          onClick={() => actions.onRegenerate(firstId)}
        />
      )}
    </>
  );
}

function Stopped({ entry, actions }: EndingProps) {
  const { message, receipt } = entry;
  return (
    <StopReceipt receipt={receipt} message={message}>
      {canContinue(message) && (
        <button
          type="button"
          class="link-button"
          disabled={actions.isTaken}
          onClick={() => actions.onContinue(message.id)}
        >
          {strings().continue}
        </button>
      )}
    </StopReceipt>
  );
}

function RegenerateWith({ onChoose }: { onChoose(modelId: string): void }) {
  const models = useContext(ModelsContext);
  if (models.length < 2) return null;
  return (
    <Menu label={strings().regenerateWith} class="regenerate-with" summary={<DownIcon />}>
      <ModelItems models={models} chosen={null} onChoose={onChoose} />
    </Menu>
  );
}

export function Ending(props: EndingProps) {
  const { entry, isNew, actions } = props;
  const { message, siblings, receipt } = entry;
  const trouble = answerTrouble(message);
  const isStopped = message.status === "stopped" && message.detail === "user";
  return (
    <footer>
      {trouble !== null && (
        <Notice trouble={trouble} isNew={isNew}>
          <Repairs {...props} />
        </Notice>
      )}
      {(isStopped || receipt !== null) && <Stopped {...props} />}
      <div class="actions">
        {siblings !== null && <BranchSwitch siblings={siblings} onShow={actions.onShowBranch} />}
        <CopyButton text={() => textOf(message)} label={strings().copyAnswer} />
        <button
          type="button"
          class="quiet"
          disabled={actions.isTaken}
          onClick={() => actions.onRegenerate(entry.firstId)}
          aria-label={strings().regenerateAnswer}
          title={strings().regenerateTitle}
        >
          <RetryIcon />
        </button>
        <RegenerateWith onChoose={(modelId) => actions.onRegenerate(entry.firstId, modelId)} />
        <FiguresRow message={message} modelName={message.model ?? strings().unknownModel} />
      </div>
    </footer>
  );
}
