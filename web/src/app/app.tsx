// The page: takes what the workspace holds and hands data and callbacks to the components.

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { strings } from "../strings/language";
import { DisplayContext } from "../ui/display-context";
import { lazy } from "../ui/lazy";
import { ModelsContext } from "../ui/models-context";
import { SendKeyContext } from "../ui/send-key-context";
import { Toast } from "../ui/toast";
import { ChatPane } from "./chat-pane";
import { ListPane } from "./list-pane";
import { keptPreferences } from "./preferences";
import { SettingsPane } from "./settings-pane";
import { listenForShortcuts, shortcutWords } from "./shortcuts";
import type { Workspace } from "./workspace";

const UNDO_MS = 8000;
const preferences = keptPreferences(localStorage);

const ShortcutsDialog = lazy(async () => (await import("../ui/shortcuts-dialog")).ShortcutsDialog);

/** Where there is no keyboard, focus would only bring up the one on the screen. */
function focusBox(box: RefObject<HTMLTextAreaElement | null>): void {
  if (!matchMedia("(hover: none)").matches) box.current?.focus();
}

interface Open {
  list: Signal<boolean>;
  help: Signal<boolean>;
}

/** The newest code block's own button does it, and shows that it did. */
function copyLastCode(): void {
  [...document.querySelectorAll<HTMLElement>("[data-copy-code]")].at(-1)?.click();
}

function useShortcuts(
  workspace: Workspace,
  box: RefObject<HTMLTextAreaElement | null>,
  { list, help }: Open,
): void {
  useEffect(
    () =>
      listenForShortcuts({
        escape: () => {
          if (list.value) list.value = false;
          else void workspace.session.value?.stop();
        },
        newChat: () => {
          workspace.navigate(null);
          box.current?.focus();
        },
        search: () => {
          const focus = () => document.getElementById("chat-search")?.focus();
          list.value = true;
          focus();
          // A list that was hidden takes the focus once it is shown.
          requestAnimationFrame(focus);
        },
        focusComposer: () => box.current?.focus(),
        copyCode: copyLastCode,
        help: () => {
          help.value = true;
        },
      }),
    [workspace, box, list, help],
  );
}

function UndoToast({ workspace }: { workspace: Workspace }) {
  const removed = workspace.removed.value;
  useEffect(() => {
    if (removed === null) return;
    const timer = setTimeout(() => {
      workspace.removed.value = null;
    }, UNDO_MS);
    return () => clearTimeout(timer);
  }, [removed, workspace]);
  if (removed === null) return null;
  const dismiss = () => {
    workspace.removed.value = null;
  };
  return (
    <Toast
      words={strings().deleted(removed.title ?? strings().newChat)}
      action={strings().undo}
      onAction={() => void workspace.undoRemove()}
      onDismiss={dismiss}
    />
  );
}

export function App({ workspace }: { workspace: Workspace }) {
  const isListOpen = useSignal(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const isHelpOpen = useSignal(false);
  const isSettingsOpen = useSignal(false);
  useShortcuts(workspace, box, { list: isListOpen, help: isHelpOpen });
  useEffect(() => focusBox(box), []);

  return (
    <>
      <ListPane
        workspace={workspace}
        isOpen={isListOpen}
        onOpened={() => focusBox(box)}
        onSettings={() => (isSettingsOpen.value = true)}
      />
      <DisplayContext.Provider value={preferences.display.value}>
        <SendKeyContext.Provider value={preferences.sendKey.value}>
          <ModelsContext.Provider value={workspace.models.all.value}>
            <ChatPane workspace={workspace} box={box} onOpenList={() => (isListOpen.value = true)} />
          </ModelsContext.Provider>
        </SendKeyContext.Provider>
      </DisplayContext.Provider>
      {isSettingsOpen.value && (
        <SettingsPane
          preferences={preferences}
          models={workspace.models}
          onClose={() => {
            isSettingsOpen.value = false;
          }}
        />
      )}
      {isHelpOpen.value && (
        <ShortcutsDialog
          shortcuts={shortcutWords()}
          onClose={() => {
            isHelpOpen.value = false;
          }}
        />
      )}
      <UndoToast workspace={workspace} />
    </>
  );
}
