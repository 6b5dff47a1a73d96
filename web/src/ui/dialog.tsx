// A dialog of one question: a heading, a field, and the choice to keep or to leave it.

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { strings } from "../strings/language";

interface DialogProps {
  heading: string;
  confirm: string;
  children: ComponentChildren;
  onConfirm(): void;
  onClose(): void;
}

export function Dialog({ heading, confirm, children, onConfirm, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const headingId = useId();

  // Before the next key, which is meant for it.
  useLayoutEffect(() => dialog.current?.showModal(), []);

  const onSubmit = (event: Event) => {
    event.preventDefault();
    onConfirm();
    onClose();
  };

  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={headingId} onClose={onClose}>
      <form onSubmit={onSubmit}>
        <h2 id={headingId}>{heading}</h2>
        {children}
        <div class="dialog-actions">
          <button type="button" class="button button-plain" onClick={onClose}>
            {strings().cancel}
          </button>
          <button type="submit" class="button">
            {confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}
