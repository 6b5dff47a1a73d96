import type { Siblings } from "../chat/transcript";
import { BackIcon, ForwardIcon } from "./icons";

interface BranchSwitchProps {
  siblings: Siblings;
  onShow(messageId: string): void;
}

/** ‹ 2/3 ›: one of several answers to the same question. */
export function BranchSwitch({ siblings, onShow }: BranchSwitchProps) {
  const { position, count, previousId, nextId } = siblings;
  const go = (id: string | null) => () => id !== null && onShow(id);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <span class="branches" role="group" aria-label={`Version ${position} of ${count}`}>
      <button
        type="button"
        class="quiet"
        disabled={previousId === null}
        onClick={go(previousId)}
        aria-label="Earlier version"
      >
        <BackIcon />
      </button>
      <span>
        {position}/{count}
      </span>
      <button
        type="button"
        class="quiet"
        disabled={nextId === null}
        onClick={go(nextId)}
        aria-label="Later version"
      >
        <ForwardIcon />
      </button>
    </span>
  );
}
