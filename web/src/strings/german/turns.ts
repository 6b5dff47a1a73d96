import type { turns as english } from "../english/turns";
import { plural } from "../plural";

export const turns: typeof english = {
  conversation: "Gespräch",
  newest: "Neuestes",

  message: "Nachricht",
  placeholder: "Frag irgendetwas",
  stopHint: "Esc hält an",
  sendHints: {
    enter: "Enter sendet, Umschalt+Enter macht eine neue Zeile",
    modified: "Strg+Enter sendet, Enter ist eine neue Zeile",
  },
  send: "Senden",
  queueHint: "Enter reiht ein, Esc hält an",
  queueSend: "Nach dieser Antwort senden",
  queue: "Wartende Nachrichten",
  queuedMessage: (number) => `Wartende Nachricht ${number}`,
  removeQueued: (number) => `Wartende Nachricht ${number} entfernen`,
  queueNext: "Geht hinaus, wenn die Antwort vollständig ist",
  queueWaits: "Wartet, weil die Antwort nicht vollständig wurde",
  sendQueued: "Jetzt senden",
  stopAnswer: "Antwort anhalten",
  stopTitle: "Anhalten (Esc)",

  attachFiles: "Bilder oder Textdateien anhängen",
  chooseFiles: "Dateien wählen",
  attachedFiles: "Angehängte Dateien",
  uploading: "Wird hochgeladen",
  removeFile: (name) => `${name} entfernen`,
  openFile: (name) => `${name} öffnen`,
  modelSeesNoImages: (model) =>
    `${model} sieht keine Bilder. Wähle ein anderes Modell oder entferne das Bild.`,

  youAsked: "Deine Frage",
  copyQuestion: "Frage kopieren",
  notSent: (why) => `Nicht gesendet. ${why}`,
  retry: "Noch einmal senden",
  edit: "Bearbeiten",
  editMessage: "Nachricht bearbeiten",
  editKeeps: "Die alte Fassung bleibt",

  answered: (model) => `${model} hat geantwortet`,
  theModel: "Das Modell",
  unknownModel: "unbekanntes Modell",
  copyAnswer: "Antwort als Markdown kopieren",
  continue: "Fortsetzen",
  regenerate: "Neu erzeugen",
  regenerateAnswer: "Antwort neu erzeugen",
  againIn: (label, wait) => `${label} (in ${wait})`,
  regenerateWith: "Mit einem anderen Modell neu erzeugen",
  regenerateTitle: "Mit dem gewählten Modell neu erzeugen",
  versionOf: (position, count) => `Fassung ${position} von ${count}`,
  earlierVersion: "Frühere Fassung",
  laterVersion: "Spätere Fassung",

  replying: "Die Antwort wird geschrieben",
  replyEndings: {
    finished: "Antwort vollständig",
    stopped: "Antwort angehalten",
    failed: "Antwort fehlgeschlagen",
    interrupted: "Antwort abgebrochen",
  },

  stages: {
    sending: "Wird gesendet",
    connecting: "Verbindung wird aufgebaut",
    waiting: "Warten auf die ersten Worte",
    thinking: "Denkt nach",
    writing: "Schreibt",
    calling: "Ruft ein Werkzeug auf",
    searching: "Sucht",
    retrying: "Neuer Versuch",
  },
  seconds: (seconds) => `${seconds} s`,
  stopping: "Wird angehalten",
  stopUnheard: "Der Halt ist vermerkt. Der Server, der diese Antwort schreibt, hat ihn noch nicht bekommen",
  reconnecting: "Verbindung verloren. Die Antwort geht am Server weiter; neuer Versuch läuft",

  thinkingFor: (seconds) => `Denkt nach, ${seconds} s`,
  thought: "Nachgedacht",
  thoughtFor: (seconds) =>
    seconds < 1 ? "Weniger als eine Sekunde nachgedacht" : `${seconds} s lang nachgedacht`,
  declined: "Das Modell hat abgelehnt",
  tool: "Werkzeug",
  toolStates: {
    streaming: "wird vorbereitet",
    ready: "läuft",
    invalid: "konnte nicht aufgerufen werden",
    done: "fertig",
    failed: "fehlgeschlagen",
  },
  toolInput: "Eingabe",
  toolOutput: "Ausgabe",
  toolError: "Fehler",
  sources: "Quellen",
  steps: (count) => plural("de", count, { one: "1 Schritt", other: `${count} Schritte` }),
  stepFailed: (step) => `${step} (fehlgeschlagen)`,

  figures: "Zahlen zu dieser Antwort",
  figureModel: "Modell",
  figureTokens: "Tokens",
  figureIn: "ein",
  figureOut: "aus",
  figureCached: "aus dem Cache",
  figureReasoning: "Nachdenken",
  figureCost: "Kosten",
  figureFirstToken: "erstes Token",
  figureTotal: "gesamt",
  figureRate: "Tokens/s",
  unknown: "unbekannt",
  usageSources: {
    provider: "Vom Modelldienst gezählt",
    estimated: "Aus dem Text geschätzt: Der Modelldienst hat keine Zahl genannt",
    lower_bound: "Mindestens so viel: Ein Teil des Nachdenkens war nicht sichtbar",
  },
  firstTokenTitle: "Zeit bis zum ersten Token",
  noPrice: "Für dieses Modell ist kein Preis bekannt",
  costComputed: (priceModel) =>
    priceModel === undefined ? "Berechnet" : `Berechnet mit den Preisen von ${priceModel}`,
  costEstimated: (priceModel) =>
    priceModel === undefined ? "Geschätzt" : `Geschätzt mit den Preisen von ${priceModel}`,

  stopped: "Angehalten.",
  kept: "Was geschrieben wurde, bleibt",
  keptText: "Was geschrieben wurde, bleibt.",
  alreadyEnded: "Die Antwort war schon zu Ende.",
  upstreamClosed: (duration) =>
    duration === null
      ? "Verbindung zum Modell geschlossen"
      : `Verbindung zum Modell nach ${duration} geschlossen`,
  upstreamUnconfirmed: (duration) =>
    duration === null
      ? "Schließen der Verbindung zum Modell nicht bestätigt"
      : `Schließen der Verbindung zum Modell nach ${duration} nicht bestätigt`,
  tokenCount: (count, written) =>
    plural("de", count, { one: `${written} Token`, other: `${written} Tokens` }),
  asIs: {
    provider: (figure) => figure,
    estimated: (figure) => `${figure} (geschätzt)`,
    lower_bound: (figure) => `mindestens ${figure} (geschätzt)`,
  },
  costUnknown: "Kosten unbekannt",
};
