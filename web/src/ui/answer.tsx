import { canContinue } from "../chat/continued";
import { type Entry, textOf } from "../chat/transcript";
import { answerTrouble } from "../chat/trouble";
import type { Turn } from "../chat/turn";
import { strings } from "../strings/language";
import type { Message } from "../wire/events";
import { AnswerPart } from "./answer-part";
import { BranchSwitch } from "./branch-switch";
import { CopyButton } from "./copy-button";
import { FiguresRow, StopReceipt } from "./figures-row";
import { RetryIcon } from "./icons";
import { Notice } from "./notice";
import { StageLine } from "./stage-line";
import type { TurnActions } from "./turn-actions";

export interface AnswerProps {
  entry: Entry;
  canAsk: boolean;
  actions: TurnActions;
}

/** Whether the stage needs words of its own: the text, or the line over the reasoning, may say it already. */
function hasStageLine(turn: Turn, message: Message): boolean {
  if (turn.phase === "stopping" || turn.connection === "reconnecting") return true;
  if (turn.stage.name === "thinking") return message.parts.at(-1)?.type !== "reasoning";
  return turn.stage.name !== "writing";
}

/** What to do about an answer that is not whole. */
function Repairs({ entry, canAsk, actions }: AnswerProps) {
  const { message, firstId } = entry;
  const isWhole = message.status === "finished";
  return (
    <>
      {canContinue(message) && (
        <button
          type="button"
          class="button"
          disabled={!canAsk}
          onClick={() => actions.onContinue(message.id)}
        >
          {strings().continue}
        </button>
      )}
      {!isWhole && (
        <button
          type="button"
          class={canContinue(message) ? "button button-plain" : "button"}
          disabled={!canAsk}
          onClick={() => actions.onRegenerate(firstId)}
        >
          {strings().regenerate}
        </button>
      )}
    </>
  );
}

function Ending(props: AnswerProps) {
  const { entry, canAsk, actions } = props;
  const { message, siblings, receipt } = entry;
  const trouble = answerTrouble(message);
  const isStopped = message.status === "stopped" && message.detail === "user";
  return (
    <footer>
      {trouble !== null && (
        <Notice trouble={trouble}>
          <Repairs {...props} />
        </Notice>
      )}
      {(isStopped || receipt !== null) && (
        <StopReceipt receipt={receipt} message={message}>
          {isStopped && canContinue(message) && (
            <button
              type="button"
              class="link-button"
              disabled={!canAsk}
              onClick={() => actions.onContinue(message.id)}
            >
              {strings().continue}
            </button>
          )}
        </StopReceipt>
      )}
      <div class="actions">
        {siblings !== null && <BranchSwitch siblings={siblings} onShow={actions.onShowBranch} />}
        <CopyButton text={() => textOf(message)} label={strings().copyAnswer} />
        <button
          type="button"
          class="quiet"
          disabled={!canAsk}
          onClick={() => actions.onRegenerate(entry.firstId)}
          aria-label={strings().regenerate}
          title={strings().regenerateTitle}
        >
          <RetryIcon />
        </button>
        <FiguresRow message={message} modelName={message.model ?? strings().unknownModel} />
      </div>
    </footer>
  );
}

/** What the model answers. */
export function Answer(props: AnswerProps) {
  const { message, turn } = props.entry;
  const parts = message.parts;
  return (
    <article class={turn === null ? "answer" : "answer answer-live"}>
      <h2 class="visually-hidden">{strings().answered(message.model ?? strings().theModel)}</h2>
      {parts.map((part, index) => (
        <AnswerPart
          key={"part_id" in part ? part.part_id : index}
          part={part}
          message={message}
          turn={turn}
          isLast={index === parts.length - 1}
        />
      ))}
      {turn !== null && hasStageLine(turn, message) && <StageLine turn={turn} />}
      {turn === null && <Ending {...props} />}
    </article>
  );
}
