import { useRef } from "preact/hooks";
import { strings } from "../strings/language";
import { Dialog } from "./dialog";

interface InstructionsDialogProps {
  instructions: string;
  onSave(instructions: string): void;
  onClose(): void;
}

/** What the model is told before every answer of one chat: its system prompt. */
export function InstructionsDialog({ instructions, onSave, onClose }: InstructionsDialogProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  const onConfirm = () => {
    const written = box.current?.value.trim() ?? "";
    if (written !== instructions) onSave(written);
  };
  return (
    <Dialog heading={strings().instructions} confirm={strings().save} onConfirm={onConfirm} onClose={onClose}>
      <label>
        <span class="dialog-hint">{strings().instructionsHint}</span>
        <textarea
          ref={box}
          rows={8}
          defaultValue={instructions}
          placeholder={strings().instructionsPlaceholder}
        />
      </label>
    </Dialog>
  );
}
