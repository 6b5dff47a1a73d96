// The conversation that is shown: its head, its messages, and where the next question is written.

import type { RefObject } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { ChatSession } from "../chat/chat-session";
import { type ChatState, newChat } from "../chat/chat-state";
import type { Entry } from "../chat/transcript";
import { heldBackTrouble, offlineTrouble, problemTrouble, type Trouble } from "../chat/trouble";
import { strings } from "../strings/language";
import { AttachButton } from "../ui/attach-button";
import { ChatTotal } from "../ui/chat-total";
import { Composer } from "../ui/composer";
import { EmulatorBanner } from "../ui/emulator-banner";
import { FileTray } from "../ui/file-tray";
import { MenuIcon } from "../ui/icons";
import { ModelPicker } from "../ui/model-picker";
import { Notice } from "../ui/notice";
import { Queue } from "../ui/queue";
import { Transcript } from "../ui/transcript";
import type { TurnActions } from "../ui/turn-actions";
import type { Spending } from "../wire/types/conversations";
import { isOnline } from "./connection";
import { NewChat } from "./new-chat";
import { ReplyStatus } from "./reply-status";
import { takesFiles } from "./takes-files";
import type { Workspace } from "./workspace";

interface ChatPaneProps {
  workspace: Workspace;
  box: RefObject<HTMLTextAreaElement | null>;
  onOpenList(): void;
}

const NO_CHAT = newChat("", "new");
const NO_ENTRIES: readonly Entry[] = [];

function Head({
  workspace,
  spending,
  onOpenList,
}: Omit<ChatPaneProps, "box"> & { spending: Spending | null }) {
  const id = workspace.currentId.value;
  const { title, title_usage } = workspace.list.find(id) ?? {};
  useEffect(() => {
    document.title = title === undefined ? "Penstock" : `${title} · Penstock`;
  }, [title]);
  return (
    <header class="chat-head">
      <button type="button" class="quiet only-phone" onClick={onOpenList} aria-label={strings().showChats}>
        <MenuIcon />
      </button>
      {id === null ? (
        <p class="chat-name">{strings().newChat}</p>
      ) : (
        <h1 class="chat-name">{title ?? strings().newChat}</h1>
      )}
      <ChatTotal spending={spending} isNamed={title_usage !== undefined} />
    </header>
  );
}

interface BodyProps {
  workspace: Workspace;
  box: ChatPaneProps["box"];
  state: ChatState;
}

function Messages({ workspace, box, session }: Omit<BodyProps, "state"> & { session: ChatSession }) {
  const actions = useMemo(() => turnActions(workspace, session, box), [workspace, session, box]);
  return (
    <Transcript
      entries={session.entries.value}
      live={session.live}
      editedId={workspace.editedId.value}
      actions={actions}
    />
  );
}

function Body({ workspace, box, state }: BodyProps) {
  const session = workspace.session.value;
  if (session === null) return <NewChat workspace={workspace} />;
  if (state.phase === "loading") return <div class="transcript-frame" />;
  if (state.phase === "failed" && state.problem !== null) {
    return (
      <div class="pane-trouble">
        <Notice trouble={problemTrouble(state.problem)}>
          <button type="button" class="button" onClick={() => void session.open()}>
            {strings().tryAgain}
          </button>
        </Notice>
      </div>
    );
  }
  return <Messages key={session.id} workspace={workspace} box={box} session={session} />;
}

function turnActions(workspace: Workspace, session: ChatSession, box: ChatPaneProps["box"]): TurnActions {
  const model = () => workspace.model.value?.id ?? null;
  // The button that was pressed is gone, and the box is where a person goes on.
  // Where there is no keyboard, focus would only bring up the one on the screen.
  const toBox = () => {
    if (!matchMedia("(hover: none)").matches) box.current?.focus();
  };
  return {
    isTaken: session.isTaken,
    onShowBranch: (id) => session.showBranch(id),
    onRegenerate: (id, modelId) => {
      session.regenerate(id, modelId ?? model());
      toBox();
    },
    onContinue: (id) => {
      session.continueAnswer(id, model());
      toBox();
    },
    onEdit: (id) => {
      workspace.editedId.value = id;
      if (id === null) toBox();
    },
    onSendEdited: (id, text) => {
      workspace.sendEdited(id, text);
      toBox();
    },
    onRetry: () => {
      session.retry();
      toBox();
    },
    onTakeBack: () => {
      workspace.takeBack();
      box.current?.focus();
    },
  };
}

function WaitingMessages({ workspace, box, state }: BodyProps) {
  const { value: session } = workspace.session;
  const { value: queue } = workspace.queue;
  if (session === null || queue === null) return null;
  return (
    <Queue
      items={queue.items.value}
      isWaiting={state.turn === null}
      onChange={(id, text) => queue.change(id, text)}
      onRemove={(id) => queue.remove(id)}
      onSend={() => workspace.sendQueued(session)}
      onLeave={() => box.current?.focus()}
    />
  );
}

function dismissibleTrouble({ problem, phase, isHeldBack }: ChatState): Trouble | null {
  if (problem !== null && phase !== "failed") return problemTrouble(problem);
  return isHeldBack ? heldBackTrouble() : null;
}

function Problems({
  workspace,
  session,
  state,
}: {
  workspace: Workspace;
  session: ChatSession | null;
  state: ChatState;
}) {
  const models = workspace.models.problem.value;
  const trouble = dismissibleTrouble(state);
  if (trouble !== null) {
    return (
      <Notice trouble={trouble}>
        <button type="button" class="button button-plain" onClick={() => session?.dismissProblem()}>
          {strings().dismiss}
        </button>
      </Notice>
    );
  }
  if (!isOnline.value && state.turn?.phase !== "unsent") return <Notice trouble={offlineTrouble()} />;
  if (models === null) return null;
  return (
    <Notice trouble={{ ...problemTrouble(models), title: strings().modelsProblem }}>
      <button type="button" class="button" onClick={() => void workspace.models.load()}>
        {strings().tryAgain}
      </button>
    </Notice>
  );
}

function composerMode(state: ChatState): "ready" | "answering" | "blocked" {
  if (state.turn === null) return "ready";
  return state.turn.phase === "unsent" ? "blocked" : "answering";
}

export function ChatPane({ workspace, box, onOpenList }: ChatPaneProps) {
  const session = workspace.session.value;
  const state = session?.outline.value ?? NO_CHAT;
  const entries = session?.entries.value ?? NO_ENTRIES;
  const tray = workspace.tray.value;
  return (
    <main class="chat" {...takesFiles((files) => tray.add(files))}>
      {workspace.model.value?.is_emulated && <EmulatorBanner />}
      <Head workspace={workspace} spending={state.spending} onOpenList={onOpenList} />
      <ReplyStatus state={state} entries={entries} />
      <Body workspace={workspace} box={box} state={state} />
      <div class="chat-foot">
        <Problems workspace={workspace} session={session} state={state} />
        <WaitingMessages workspace={workspace} box={box} state={state} />
        <Composer
          box={box}
          text={workspace.text.value}
          mode={composerMode(state)}
          files={
            <FileTray
              files={tray.files.value}
              warning={workspace.fileTrouble.value}
              onRemove={(key) => tray.remove(key)}
            />
          }
          hasFiles={tray.files.value.length > 0}
          isHeld={!tray.isReady.value || workspace.fileTrouble.value !== null}
          onInput={(text) => workspace.type(text)}
          onSend={() => workspace.send(workspace.text.value)}
          onStop={() => void session?.stop()}
          onEditLast={() => {
            const last = entries.findLast(({ message }) => message.role === "user");
            if (state.turn === null) workspace.editedId.value = last?.message.id ?? null;
          }}
        >
          <AttachButton onFiles={(files) => workspace.tray.value.add(files)} />
          <ModelPicker
            models={workspace.models.all.value}
            chosen={workspace.model.value}
            onChoose={(id) => workspace.models.choose(workspace.currentId.value, id)}
          />
        </Composer>
      </div>
    </main>
  );
}
