// A chat that is not begun yet: what to ask, and what the model is to be told before it answers.

import { useSignal } from "@preact/signals";
import { lazy } from "../ui/lazy";
import { Welcome } from "../ui/welcome";
import type { Workspace } from "./workspace";

const InstructionsDialog = lazy(async () => (await import("../ui/instructions-dialog")).InstructionsDialog);

export function NewChat({ workspace }: { workspace: Workspace }) {
  const isInstructing = useSignal(false);
  return (
    <>
      <Welcome
        isEmulated={workspace.model.value?.is_emulated ?? false}
        instructions={workspace.instructions.value}
        onAsk={(text) => workspace.send(text)}
        onInstruct={() => {
          isInstructing.value = true;
        }}
      />
      {isInstructing.value && (
        <InstructionsDialog
          instructions={workspace.instructions.value}
          onSave={(text) => workspace.instruct(text)}
          onClose={() => {
            isInstructing.value = false;
          }}
        />
      )}
    </>
  );
}
