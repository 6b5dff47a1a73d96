import type { troubles as english } from "../english/troubles";
import { plural } from "../plural";

export const troubles: typeof english = {
  errors: {
    authentication: [
      "Der Schlüssel wurde nicht angenommen",
      "Den API-Schlüssel prüfen oder neu anmelden, dann neu erzeugen.",
    ],
    permission: [
      "Dieses Konto darf das Modell nicht benutzen",
      "Zugang zum Deployment erbitten oder ein anderes Modell wählen.",
    ],
    deployment_not_found: [
      "Dieses Deployment gibt es nicht",
      "Den Namen des Deployments und den Endpunkt in den Einstellungen prüfen.",
    ],
    rate_limited: [
      "Der Modelldienst bittet um eine Pause",
      "Einen Moment warten, dann neu erzeugen, oder ein anderes Modell wählen.",
    ],
    content_filter: [
      "Der Inhaltsfilter hat das blockiert",
      "Die Frage anders formulieren und noch einmal senden.",
    ],
    context_length: [
      "Das Gespräch ist zu lang für dieses Modell",
      "Einen neuen Chat beginnen oder ein Modell mit größerem Kontext wählen.",
    ],
    unsupported_parameter: [
      "Das Modell nimmt eine der Einstellungen nicht an",
      "Die genannte Einstellung ändern oder ein anderes Modell wählen.",
    ],
    timeout: [
      "Der Modelldienst hat zu lange gebraucht",
      "Neu erzeugen; bleibt es langsam, ein anderes Modell wählen.",
    ],
    connection: [
      "Der Modelldienst ist nicht erreichbar",
      "Den Endpunkt und das Netz prüfen, dann neu erzeugen.",
    ],
    server_error: ["Der Modelldienst hatte einen Fehler", "In einem Moment neu erzeugen."],
    overloaded: [
      "Der Modelldienst ist überlastet",
      "In einem Moment neu erzeugen oder ein anderes Modell wählen.",
    ],
    bad_response: [
      "Die Antwort des Modelldienstes ist nicht lesbar",
      "Prüfen, ob der Endpunkt ein Modelldienst ist.",
    ],
    unavailable: [
      "Der Server nimmt gerade keine neue Arbeit an",
      "Er startet neu oder ist voll: gleich noch einmal versuchen.",
    ],
    offline: [
      "Du scheinst offline zu sein",
      "Dein Text bleibt. Noch einmal versuchen, wenn die Verbindung wieder da ist.",
    ],
    not_found: ["Dieses Gespräch ist nicht hier", "Vielleicht wurde es gelöscht. Einen neuen Chat beginnen."],
    conflict: ["Es wurde anderswo geändert", "Die Seite neu laden und noch einmal versuchen."],
  },
  otherError: ["Etwas ist schiefgegangen", "Noch einmal versuchen; bleibt es, ins Log des Servers sehen."],
  serverUnreachable: "Der Server ist nicht erreichbar.",
  serverAnswered: (status) => `Der Server hat mit dem Status ${status} geantwortet.`,
  offline: "Du bist offline",
  offlineDetail: "Eine Antwort, die gerade geschrieben wird, geht am Server weiter.",
  offlineStep: "Was du jetzt sendest, geht hinaus, wenn die Verbindung wieder da ist.",
  heldBack: "Diese Antwort kam in einem Stück",
  heldBackDetail:
    "Der Server hat sie Wort für Wort gesendet, aber etwas zwischen ihm und dieser Seite hielt sie bis zum Ende zurück.",
  heldBackStep: "Dort die Pufferung der Antworten für /api abschalten. Bei nginx: proxy_buffering off.",
  modelsProblem: "Die Modelle konnten nicht geladen werden",

  interrupted: "Die Antwort wurde unterbrochen",
  interruptedStep: "Was geschrieben wurde, bleibt. Fortsetzen, oder neu erzeugen für eine andere.",
  interruptedCauses: {
    "upstream-eof":
      "Der Modelldienst hat die Verbindung geschlossen, bevor er die Antwort für vollständig erklärt hat.",
    "producer-lost": "Der Server wurde neu gestartet, während die Antwort geschrieben wurde.",
    unknown: "Sie endete ohne einen Beweis, dass sie vollständig ist.",
  },

  stoppedByOther: "Die Antwort wurde angehalten",
  stoppedBy: {
    timeout: "Sie hat das Zeitlimit für eine Antwort erreicht.",
    budget: "Sie hat das Limit für eine Antwort erreicht.",
    shutdown: "Der Server wurde beendet, während die Antwort geschrieben wurde.",
  },

  lengthReached: "Die Antwort hat ihr Längenlimit erreicht",
  lengthStep: "Fortsetzen für den Rest.",
  filterEnded: "Der Inhaltsfilter hat die Antwort beendet",
  filterStep: "Die Frage anders formulieren und noch einmal senden.",
  filterCategories: (names) =>
    plural("de", names.length, { one: `Kategorie: ${names[0]}.`, other: `Kategorien: ${names.join(", ")}.` }),
  filterNames: {
    hate: "Hass",
    sexual: "Sexuelles",
    violence: "Gewalt",
    self_harm: "Selbstverletzung",
    jailbreak: "ein Versuch, die Regeln zu umgehen",
    profanity: "Kraftausdrücke",
    protected_material_text: "geschützter Text",
    protected_material_code: "geschützter Code",
    custom_blocklists: "eine Sperrliste",
  },
};
