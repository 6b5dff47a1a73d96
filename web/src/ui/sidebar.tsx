import type { Found } from "../chat/chat-search";
import type { DayGroup } from "../chat/days";
import { strings } from "../strings/language";
import { type Activity, type ConversationActions, ConversationItem } from "./conversation-item";
import { CloseIcon, Mark, NewIcon, SearchIcon, SettingsIcon } from "./icons";
import { lazy } from "./lazy";

const SearchResults = lazy(async () => (await import("./search-results")).SearchResults);

export interface SidebarProps {
  groups: readonly DayGroup[];
  currentId: string | null;
  activities: ReadonlyMap<string, Activity>;
  isOpen: boolean;
  isLoaded: boolean;
  problem: string | null;
  hasMore: boolean;
  query: string;
  found: readonly Found[] | null;
  searchProblem: string | null;
  actions: ConversationActions;
  onNew(): void;
  onSearch(query: string): void;
  onOpenFound(conversationId: string, messageId: string | null): void;
  onSettings(): void;
  onLoadMore(): void;
  onClose(): void;
}

function EmptyList({ isLoaded, problem }: Pick<SidebarProps, "isLoaded" | "problem">) {
  if (problem !== null) return <p class="chats-empty">{problem}</p>;
  return isLoaded ? <p class="chats-empty">{strings().noChats}</p> : null;
}

function SearchBox({ query, onSearch }: Pick<SidebarProps, "query" | "onSearch">) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && query !== "") {
      // This Escape ends the search; it must not stop an answer as well.
      event.stopPropagation();
      onSearch("");
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      document.querySelector<HTMLElement>(".chats a")?.focus();
    }
  };
  return (
    <label class="search">
      <SearchIcon />
      <span class="visually-hidden">{strings().searchChats}</span>
      <input
        id="chat-search"
        type="search"
        value={query}
        placeholder={strings().searchChats}
        autocomplete="off"
        onInput={(event) => onSearch(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
    </label>
  );
}

function ChatList(props: SidebarProps) {
  const { groups, currentId, activities, actions } = props;
  return (
    <>
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
                actions={actions}
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
    </>
  );
}

export function Sidebar(props: SidebarProps) {
  const { isOpen, query } = props;
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
      <SearchBox {...props} />
      <div class="chats">
        {query.trim() === "" ? (
          <ChatList {...props} />
        ) : (
          <SearchResults
            query={query}
            found={props.found}
            problem={props.searchProblem}
            onOpen={props.onOpenFound}
          />
        )}
      </div>
      <button type="button" class="sidebar-settings" onClick={props.onSettings}>
        <SettingsIcon /> {strings().settings}
      </button>
    </nav>
  );
}
