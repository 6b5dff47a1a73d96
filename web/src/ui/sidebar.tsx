import type { DayGroup } from "../chat/days";
import { strings } from "../strings/language";
import type { Conversation } from "../wire/events";
import { CloseIcon, Mark, MoreIcon, NewIcon } from "./icons";
import { Menu } from "./menu";

export type Activity = "running" | "unseen";

export interface SidebarProps {
  groups: readonly DayGroup[];
  currentId: string | null;
  activities: ReadonlyMap<string, Activity>;
  isOpen: boolean;
  isLoaded: boolean;
  problem: string | null;
  hasMore: boolean;
  onNew(): void;
  onOpen(id: string): void;
  onRename(conversation: Conversation): void;
  onDelete(conversation: Conversation): void;
  onLoadMore(): void;
  onClose(): void;
}

interface ConversationItemProps extends Pick<SidebarProps, "onOpen" | "onRename" | "onDelete"> {
  conversation: Conversation;
  isCurrent: boolean;
  activity: Activity | undefined;
}

function ConversationItem({
  conversation,
  isCurrent,
  activity,
  onOpen,
  onRename,
  onDelete,
}: ConversationItemProps) {
  const title = conversation.title ?? strings().newChat;
  const onClick = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onOpen(conversation.id);
  };
  return (
    <li class={isCurrent ? "chat-item chat-item-current" : "chat-item"}>
      <a
        href={`/c/${conversation.id}`}
        onClick={onClick}
        aria-current={isCurrent ? "page" : undefined}
        title={title}
      >
        <span class="chat-title">{title}</span>
        {activity !== undefined && (
          <span class={`activity activity-${activity}`}>
            <span class="visually-hidden">{strings().activities[activity]}</span>
          </span>
        )}
      </a>
      <Menu label={strings().moreAbout(title)} class="chat-more" summary={<MoreIcon />}>
        <button type="button" role="menuitem" class="menu-item" onClick={() => onRename(conversation)}>
          {strings().rename}
        </button>
        <button type="button" role="menuitem" class="menu-item" onClick={() => onDelete(conversation)}>
          {strings().delete}
        </button>
      </Menu>
    </li>
  );
}

function EmptyList({ isLoaded, problem }: Pick<SidebarProps, "isLoaded" | "problem">) {
  if (problem !== null) return <p class="chats-empty">{problem}</p>;
  return isLoaded ? <p class="chats-empty">{strings().noChats}</p> : null;
}

export function Sidebar(props: SidebarProps) {
  const { groups, isOpen, currentId, activities } = props;
  return (
    <nav class={isOpen ? "sidebar sidebar-open" : "sidebar"} aria-label={strings().chats}>
      <div class="sidebar-head">
        <span class="brand">
          <Mark /> Penstock
        </span>
        <button
          type="button"
          class="quiet only-phone"
          onClick={props.onClose}
          aria-label={strings().closeChats}
        >
          <CloseIcon />
        </button>
      </div>
      <button type="button" class="new-chat" onClick={props.onNew}>
        <NewIcon /> {strings().newChat}
      </button>
      <div class="chats">
        {groups.length === 0 && <EmptyList {...props} />}
        {groups.map(({ label, conversations }) => (
          <section key={label} aria-label={label}>
            <h2>{label}</h2>
            <ul>
              {conversations.map((conversation) => (
                <ConversationItem
                  key={conversation.id}
                  conversation={conversation}
                  isCurrent={conversation.id === currentId}
                  activity={activities.get(conversation.id)}
                  {...props}
                />
              ))}
            </ul>
          </section>
        ))}
        {props.hasMore && (
          <button type="button" class="button button-plain" onClick={props.onLoadMore}>
            {strings().olderChats}
          </button>
        )}
      </div>
    </nav>
  );
}
