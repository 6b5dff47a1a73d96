import { useEffect, useRef } from "preact/hooks";
import { strings } from "../strings/language";
import { Dialog } from "./dialog";

interface RenameDialogProps {
  title: string;
  onRename(title: string): void;
  onClose(): void;
}

export function RenameDialog({ title, onRename, onClose }: RenameDialogProps) {
  const box = useRef<HTMLInputElement>(null);

  useEffect(() => box.current?.select(), []);

  const onConfirm = () => {
    const renamed = box.current?.value.trim() ?? "";
    if (renamed !== "" && renamed !== title) onRename(renamed);
  };

  return (
    <Dialog
      heading={strings().renameHeading}
      confirm={strings().rename}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <label>
        <span class="visually-hidden">{strings().title}</span>
        <input ref={box} defaultValue={title} maxLength={200} />
      </label>
    </Dialog>
  );
}
