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
  addInstructions: "Add instructions for this chat",
  instructionsHint: "What the model is told before every answer of this chat.",
  instructionsPlaceholder: "Answer in German. Be brief.",
  save: "Save",
  renameHeading: "Rename chat",
  title: "Title",
  delete: "Delete",
  deleted: (title: string) => `Deleted “${title}”`,
  undo: "Undo",
  totalOf: (total: string) => `This chat took ${total}`,
  totalAnswers: "answers",
  totalWithTitle: "With what naming the chat took.",
  totalUnpriced: (count: number) =>
    plural("en", count, {
      one: "No price is known for 1 of them.",
      other: `No price is known for ${count} of them.`,
    }),

  settings: "Settings",
  closeSettings: "Close the settings",
  settingTheme: "Theme",
  settingLanguage: "Language",
  settingDisplay: "How text appears",
  settingSendKey: "Sending",
  settingModel: "Model of new chats",
  settingChoices: {
    theme: [
      { value: "system", label: "As the system" },
      { value: "light", label: "Light" },
      { value: "dark", label: "Dark" },
    ],
    language: [
      { value: "system", label: "As the browser" },
      { value: "en", label: "English" },
      { value: "de", label: "Deutsch" },
    ],
    display: [
      { value: "smooth", label: "Smooth", hint: "An even flow, a blink behind" },
      { value: "immediate", label: "Immediate", hint: "As it arrives" },
      { value: "whole", label: "Whole", hint: "When the answer is complete" },
    ],
    sendKey: [
      { value: "enter", label: "Enter", hint: "Shift+Enter is a new line" },
      { value: "modified", label: "Ctrl+Enter", hint: "Enter is a new line" },
    ],
  },

  activities: { running: "answering", unseen: "new answer" },

  pinned: "Pinned",
  today: "Today",
  yesterday: "Yesterday",
  last7Days: "Last 7 days",
  last30Days: "Last 30 days",
};
