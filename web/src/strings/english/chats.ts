// The list of conversations and what can be done with one.

import { plural } from "../plural";

export const chats = {
  chats: "Chats",
  showChats: "Show the list of chats",
  closeChats: "Close the list of chats",
  noChats: "Your chats will be here.",
  olderChats: "Older chats",
  moreAbout: (title: string) => `More about ${title}`,
  searchChats: "Search chats",
  searchResults: "Found chats",
  nothingFound: (query: string) => `Nothing found for “${query}”.`,
  foundCount: (count: number) =>
    plural("en", count, { one: `${count} chat found`, other: `${count} chats found` }),
  rename: "Rename",
  pin: "Pin",
  unpin: "Unpin",
  exportMarkdown: "Export as Markdown",
  exportJson: "Export as JSON",
  instructions: "Instructions",
  instructionsHint: "What the model is told before every answer of this chat.",
  instructionsPlaceholder: "Answer in German. Be brief.",
  save: "Save",
  renameHeading: "Rename chat",
  title: "Title",
  delete: "Delete",
  deleted: (title: string) => `Deleted “${title}”`,
  undo: "Undo",
  totalCostTitle: "What the answers shown here cost together",

  activities: { running: "answering", unseen: "new answer" },

  pinned: "Pinned",
  today: "Today",
  yesterday: "Yesterday",
  last7Days: "Last 7 days",
  last30Days: "Last 30 days",
};
