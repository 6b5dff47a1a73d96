import type { Siblings } from "../chat/transcript";
import { strings } from "../strings/language";
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
    <span class="branches" role="group" aria-label={strings().versionOf(position, count)}>
      <button
        type="button"
        class="quiet"
        disabled={previousId === null}
        onClick={go(previousId)}
        aria-label={strings().earlierVersion}
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
        aria-label={strings().laterVersion}
      >
        <ForwardIcon />
      </button>
    </span>
  );
}
