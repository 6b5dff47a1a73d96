// The list of chats with its search, and the dialogs about one of them.

import { type Signal, useSignal } from "@preact/signals";
import { groupByDay } from "../chat/days";
import { problemTrouble } from "../chat/trouble";
import { strings } from "../strings/language";
import { lazy } from "../ui/lazy";
import { Sidebar } from "../ui/sidebar";
import type { Problem } from "../wire/problem";
import type { Conversation } from "../wire/types/conversations";
import type { Workspace } from "./workspace";

const RenameDialog = lazy(async () => (await import("../ui/rename-dialog")).RenameDialog);
const InstructionsDialog = lazy(async () => (await import("../ui/instructions-dialog")).InstructionsDialog);

/** The conversation that a dialog is open about. */
interface Asked {
  readonly about: "name" | "instructions";
  readonly conversation: Conversation;
}

function Dialogs({ workspace, asked }: { workspace: Workspace; asked: Signal<Asked | null> }) {
  const { value: dialog } = asked;
  if (dialog === null) return null;
  const { list } = workspace;
  const { conversation } = dialog;
  const onClose = () => {
    asked.value = null;
  };
  if (dialog.about === "name") {
    return (
      <RenameDialog
        title={conversation.title ?? ""}
        onRename={(title) => void list.rename(conversation.id, title)}
        onClose={onClose}
      />
    );
  }
  return (
    <InstructionsDialog
      instructions={conversation.system_prompt ?? ""}
      onSave={(text) => void list.change(conversation.id, { system_prompt: text === "" ? null : text })}
      onClose={onClose}
    />
  );
}

function wordsOf(problem: Problem | null): string | null {
  return problem === null ? null : problemTrouble(problem).title;
}

interface ListPaneProps {
  workspace: Workspace;
  /** On a phone the list lies over the chat, and only when it is wanted. */
  isOpen: Signal<boolean>;
  /** A chat was opened from the list. */
  onOpened(): void;
  onSettings(): void;
}

export function ListPane({ workspace, isOpen, onOpened, onSettings }: ListPaneProps) {
  const asked = useSignal<Asked | null>(null);
  const { list, search } = workspace;
  const close = () => {
    isOpen.value = false;
  };
  const go = (id: string | null) => {
    close();
    workspace.navigate(id);
    onOpened();
  };
  const ask = (about: Asked["about"]) => (conversation: Conversation) => {
    asked.value = { about, conversation };
  };
  const openFound = (id: string, messageId: string | null) => {
    close();
    workspace.navigate(id);
    if (messageId !== null) void workspace.reveal(messageId, search.query.value);
  };
  return (
    <>
      <Sidebar
        groups={groupByDay(list.all.value, Date.now())}
        currentId={workspace.currentId.value}
        activities={workspace.activities.byId.value}
        isOpen={isOpen.value}
        isLoaded={list.isLoaded.value}
        problem={wordsOf(list.problem.value)}
        hasMore={list.hasMore}
        query={search.query.value}
        found={search.found.value}
        searchProblem={wordsOf(search.problem.value)}
        actions={{
          onOpen: go,
          onApproach: (id) => workspace.prefetch(id),
          onRename: ask("name"),
          onPin: ({ id, pinned }) => void list.change(id, { pinned: !pinned }),
          onInstruct: ask("instructions"),
          onDelete: (conversation) => void workspace.remove(conversation),
        }}
        onNew={() => go(null)}
        onSearch={(query) => search.type(query)}
        onOpenFound={openFound}
        onSettings={() => {
          close();
          onSettings();
        }}
        onLoadMore={() => void list.loadMore()}
        onClose={close}
      />
      {isOpen.value && (
        <button type="button" class="shade" onClick={close} aria-label={strings().closeChats} />
      )}
      <Dialogs workspace={workspace} asked={asked} />
    </>
  );
}
