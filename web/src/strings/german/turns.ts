import type { turns as english } from "../english/turns";
import { plural } from "../plural";

export const turns: typeof english = {
  conversation: "Gespräch",
  newest: "Neuestes",

  message: "Nachricht",
  placeholder: "Frag irgendetwas",
  stopHint: "Esc hält an",
  sendHint: "Enter sendet, Umschalt+Enter macht eine neue Zeile",
  send: "Senden",
  stopAnswer: "Antwort anhalten",
  stopTitle: "Anhalten (Esc)",

  youAsked: "Deine Frage",
  copyQuestion: "Frage kopieren",
  notSent: (why) => `Nicht gesendet. ${why}`,
  retry: "Noch einmal senden",
  edit: "Bearbeiten",

  answered: (model) => `${model} hat geantwortet`,
  theModel: "Das Modell",
  unknownModel: "unbekanntes Modell",
  copyAnswer: "Antwort als Markdown kopieren",
  regenerate: "Neu erzeugen",
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
  source: "Quelle:",

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
  keptText: "Was geschrieben wurde, bleibt.",
  alreadyEnded: "Die Antwort war schon zu Ende.",
  upstreamClosed: (duration) => `Verbindung zum Modell nach ${duration} geschlossen`,
  upstreamUnconfirmed: (duration) => `Schließen der Verbindung zum Modell nach ${duration} nicht bestätigt`,
  tokenCount: (count, written) =>
    plural("de", count, { one: `${written} Token`, other: `${written} Tokens` }),
  asIs: {
    provider: (figure) => figure,
    estimated: (figure) => `${figure} (geschätzt)`,
    lower_bound: (figure) => `mindestens ${figure} (geschätzt)`,
  },
  costUnknown: "Kosten unbekannt",
};
