import type { page as english } from "../english/page";

export const page: typeof english = {
  newChat: "Neuer Chat",
  cancel: "Abbrechen",
  close: "Schließen",
  dismiss: "Ausblenden",
  tryAgain: "Noch einmal versuchen",

  welcomeHeading: "Woran arbeiten wir?",
  starters: [
    { question: "Erkläre einer neuen Kollegin Server-Sent Events", hint: "In einfachen Worten" },
    { question: "Vergleiche drei Wege, ein Log in SQL zu speichern", hint: "Als Tabelle" },
    { question: "Entwirf eine kurze Versionsnotiz", hint: "Aus ein paar Stichpunkten" },
  ],
  emulatorStarters: [
    { question: "How do I connect a real model?", hint: "Endpunkt, Schlüssel, Deployment" },
    { question: "Show me what this page can render", hint: "Tabellen, Code, Formeln" },
    { question: "Write a long answer that I can stop", hint: "Und den Beleg sehen" },
  ],

  emulatorNotice: "Es antwortet der mitgelieferte Emulator.",
  emulatorMore: "So wird ein Modell angeschlossen",
  emulatorSteps: "Den Server anhalten, dies in seine Umgebung setzen und ihn wieder starten:",
  emulatorVariables: `AZURE_OPENAI_ENDPOINT=https://<Ressource>.openai.azure.com
AZURE_OPENAI_DEPLOYMENT=<Deployment>
AZURE_OPENAI_API_KEY=<Schlüssel>  # oder weglassen und anmelden mit: az login`,
  emulatorOthers:
    "Auch OPENAI_API_KEY geht, mit OPENAI_BASE_URL für kompatible Dienste. „penstock doctor“ sagt, was fehlt.",

  modelLabel: (name) => `Modell: ${name}`,
  noModel: "Kein Modell",
  bundledEmulator: "Mitgelieferter Emulator",
  contextSize: (thousands) => `${thousands}k Kontext`,
  pricesUnknown: "Preis unbekannt",
  abilities: { images: "sieht Bilder", tools: "ruft Werkzeuge", reasoning: "denkt nach" },
  prices: (input, output) => `${input} $ ein, ${output} $ aus je Million Tokens`,

  shortcutsHeading: "Tastatur",
  shortcuts: {
    focusComposer: "Eine Nachricht schreiben",
    newChat: "Neuer Chat",
    search: "Chats durchsuchen",
    copyCode: "Den letzten Codeblock kopieren",
    escape: "Die Antwort anhalten oder schließen, was offen ist",
    help: "Diese Liste",
    editLast: "Im leeren Feld: die letzte Nachricht bearbeiten",
    send: "Senden; während geantwortet wird: einreihen",
    newLine: "Neue Zeile",
  },

  copy: "Kopieren",
  copied: "Kopiert",
  copyCsv: "Als CSV kopieren",
  notCopied: "Nicht kopiert",
  codeLabel: (language) => (language === "" ? "Code" : `Code, ${language}`),
  tableLabel: "Tabelle",
  imageWords: "Bild",
  taskDone: "erledigt",
  taskOpen: "offen",
};
