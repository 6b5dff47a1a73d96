import { strings } from "../strings/language";
import type { Conversation } from "../wire/types/conversations";
import { MoreIcon } from "./icons";
import { Menu } from "./menu";

export type Activity = "running" | "unseen";

/** What can be done with a conversation of the list. */
export interface ConversationActions {
  onOpen(id: string): void;
  /** Somebody is about to open it. */
  onApproach(id: string): void;
  onRename(conversation: Conversation): void;
  onPin(conversation: Conversation): void;
  onInstruct(conversation: Conversation): void;
  onDelete(conversation: Conversation): void;
}

interface ConversationItemProps {
  conversation: Conversation;
  isCurrent: boolean;
  activity: Activity | undefined;
  actions: ConversationActions;
}

/** Calls back on a plain click; the browser opens a new tab on any other. */
export function onPlainClick(open: () => void): (event: MouseEvent) => void {
  return (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open();
  };
}

function Exports({ id }: { id: string }) {
  const at = `/api/conversations/${id}/export`;
  return (
    <>
      <a role="menuitem" class="menu-item" href={`${at}?format=markdown`} download>
        {strings().exportMarkdown}
      </a>
      <a role="menuitem" class="menu-item" href={`${at}?format=json`} download>
        {strings().exportJson}
      </a>
    </>
  );
}

export function ConversationItem({ conversation, isCurrent, activity, actions }: ConversationItemProps) {
  const { id } = conversation;
  const title = conversation.title ?? strings().newChat;
  const choices: [string, (conversation: Conversation) => void][] = [
    [strings().rename, actions.onRename],
    [conversation.pinned ? strings().unpin : strings().pin, actions.onPin],
    [strings().instructions, actions.onInstruct],
  ];
  const button = ([label, act]: (typeof choices)[number]) => (
    <button key={label} type="button" role="menuitem" class="menu-item" onClick={() => act(conversation)}>
      {label}
    </button>
  );
  return (
    <li class={isCurrent ? "chat-item chat-item-current" : "chat-item"}>
      <a
        href={`/c/${id}`}
        onClick={onPlainClick(() => actions.onOpen(id))}
        onPointerEnter={() => actions.onApproach(id)}
        onFocus={() => actions.onApproach(id)}
        aria-current={isCurrent ? "page" : undefined}
        title={title}
      >
        <span class={activity === "unseen" ? "chat-title chat-title-unseen" : "chat-title"}>{title}</span>
        {activity !== undefined && (
          <span class={`activity activity-${activity}`}>
            <span class="visually-hidden">{strings().activities[activity]}</span>
          </span>
        )}
      </a>
      <Menu label={strings().moreAbout(title)} class="chat-more" summary={<MoreIcon />}>
        {choices.map(button)}
        <Exports id={id} />
        {button([strings().delete, actions.onDelete])}
      </Menu>
    </li>
  );
}
