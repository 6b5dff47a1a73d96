import type { chats as english } from "../english/chats";

export const chats: typeof english = {
  chats: "Chats",
  showChats: "Liste der Chats zeigen",
  closeChats: "Liste der Chats schließen",
  noChats: "Hier werden deine Chats stehen.",
  olderChats: "Ältere Chats",
  moreAbout: (title) => `Mehr zu ${title}`,
  rename: "Umbenennen",
  renameHeading: "Chat umbenennen",
  title: "Titel",
  delete: "Löschen",
  deleted: (title) => `„${title}“ gelöscht`,
  undo: "Rückgängig",
  totalCostTitle: "Was die Antworten hier zusammen kosten",

  activities: { running: "antwortet", unseen: "neue Antwort" },

  pinned: "Angeheftet",
  today: "Heute",
  yesterday: "Gestern",
  last7Days: "Letzte 7 Tage",
  last30Days: "Letzte 30 Tage",
};
