import { useLayoutEffect, useRef } from "preact/hooks";
import { strings } from "../strings/language";

export interface ShortcutWords {
  readonly what: string;
  readonly keys: readonly string[];
}

/** Lists the keys that work on the page. */
export function ShortcutsDialog({
  shortcuts,
  onClose,
}: {
  shortcuts: readonly ShortcutWords[];
  onClose(): void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="shortcuts-heading" onClose={onClose}>
      <h2 id="shortcuts-heading">{strings().shortcutsHeading}</h2>
      <dl class="shortcuts">
        {shortcuts.map(({ what, keys }) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          {strings().close}
        </button>
      </div>
    </dialog>
  );
}
