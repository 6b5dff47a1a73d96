// The list of conversations and what can be done with one.

export const chats = {
  chats: "Chats",
  showChats: "Show the list of chats",
  closeChats: "Close the list of chats",
  noChats: "Your chats will be here.",
  olderChats: "Older chats",
  moreAbout: (title: string) => `More about ${title}`,
  rename: "Rename",
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
