import { useEffect, useRef } from "preact/hooks";
import { strings } from "../strings/language";

interface RenameDialogProps {
  title: string;
  onRename(title: string): void;
  onClose(): void;
}

export function RenameDialog({ title, onRename, onClose }: RenameDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const box = useRef<HTMLInputElement>(null);

  useEffect(() => {
    dialog.current?.showModal();
    box.current?.select();
  }, []);

  const onSubmit = (event: Event) => {
    event.preventDefault();
    const renamed = box.current?.value.trim() ?? "";
    if (renamed !== "" && renamed !== title) onRename(renamed);
    onClose();
  };

  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="rename-heading" onClose={onClose}>
      <form onSubmit={onSubmit}>
        <h2 id="rename-heading">{strings().renameHeading}</h2>
        <label>
          <span class="visually-hidden">{strings().title}</span>
          <input ref={box} defaultValue={title} maxLength={200} />
        </label>
        <div class="dialog-actions">
          <button type="button" class="button button-plain" onClick={onClose}>
            {strings().cancel}
          </button>
          <button type="submit" class="button">
            {strings().rename}
          </button>
        </div>
      </form>
    </dialog>
  );
}
