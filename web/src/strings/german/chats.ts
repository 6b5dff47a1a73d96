import type { chats as english } from "../english/chats";
import { plural } from "../plural";

export const chats: typeof english = {
  chats: "Chats",
  showChats: "Liste der Chats zeigen",
  closeChats: "Liste der Chats schließen",
  noChats: "Hier werden deine Chats stehen.",
  olderChats: "Ältere Chats",
  moreAbout: (title) => `Mehr zu ${title}`,
  searchChats: "Chats durchsuchen",
  searchResults: "Gefundene Chats",
  nothingFound: (query) => `Nichts gefunden für „${query}“.`,
  foundCount: (count) =>
    plural("de", count, { one: `${count} Chat gefunden`, other: `${count} Chats gefunden` }),
  rename: "Umbenennen",
  pin: "Anheften",
  unpin: "Lösen",
  exportMarkdown: "Als Markdown exportieren",
  exportJson: "Als JSON exportieren",
  instructions: "Anweisungen",
  instructionsHint: "Was dem Modell vor jeder Antwort in diesem Chat gesagt wird.",
  instructionsPlaceholder: "Antworte auf Deutsch. Fasse dich kurz.",
  save: "Sichern",
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
