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
  addInstructions: "Anweisungen für diesen Chat",
  instructionsHint: "Was dem Modell vor jeder Antwort in diesem Chat gesagt wird.",
  instructionsPlaceholder: "Antworte auf Deutsch. Fasse dich kurz.",
  save: "Sichern",
  renameHeading: "Chat umbenennen",
  title: "Titel",
  delete: "Löschen",
  deleted: (title) => `„${title}“ gelöscht`,
  undo: "Rückgängig",
  totalOf: (total) => `Dieser Chat brauchte ${total}`,
  totalAnswers: "Antworten",
  totalWithTitle: "Mit dem, was der Titel kostete.",
  totalUnpriced: (count) =>
    plural("de", count, {
      one: "Für 1 davon ist kein Preis bekannt.",
      other: `Für ${count} davon ist kein Preis bekannt.`,
    }),

  settings: "Einstellungen",
  closeSettings: "Einstellungen schließen",
  settingTheme: "Farben",
  settingLanguage: "Sprache",
  settingDisplay: "Wie Text erscheint",
  settingSendKey: "Senden",
  settingModel: "Modell neuer Chats",
  settingChoices: {
    theme: [
      { value: "system", label: "Wie das System" },
      { value: "light", label: "Hell" },
      { value: "dark", label: "Dunkel" },
    ],
    language: [
      { value: "system", label: "Wie der Browser" },
      { value: "en", label: "English" },
      { value: "de", label: "Deutsch" },
    ],
    display: [
      { value: "smooth", label: "Fließend", hint: "Gleichmäßig, einen Wimpernschlag später" },
      { value: "immediate", label: "Sofort", hint: "Wie er ankommt" },
      { value: "whole", label: "Ganz", hint: "Wenn die Antwort vollständig ist" },
    ],
    sendKey: [
      { value: "enter", label: "Enter", hint: "Umschalt+Enter ist eine neue Zeile" },
      { value: "modified", label: "Strg+Enter", hint: "Enter ist eine neue Zeile" },
    ],
  },

  activities: { running: "antwortet", unseen: "neue Antwort" },

  pinned: "Angeheftet",
  today: "Heute",
  yesterday: "Gestern",
  last7Days: "Letzte 7 Tage",
  last30Days: "Letzte 30 Tage",
};
