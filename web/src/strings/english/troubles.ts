// Errors and notices: what happened, and the next step.

import { plural } from "../plural";

export const troubles = {
  /** By the error's stable code: title, then next step. */
  errors: {
    authentication: ["The key was not accepted", "Check the API key or sign in again, then regenerate."],
    permission: [
      "This account may not use the model",
      "Ask for access to the deployment, or choose another model.",
    ],
    deployment_not_found: [
      "There is no such deployment",
      "Check the deployment's name and the endpoint in the settings.",
    ],
    rate_limited: [
      "The model service asks for a pause",
      "Wait a moment, then regenerate, or choose another model.",
    ],
    content_filter: [
      "The content filter blocked this",
      "Put the question in other words, then send it again.",
    ],
    context_length: [
      "The conversation is too long for this model",
      "Start a new chat, or choose a model with a larger context.",
    ],
    unsupported_parameter: [
      "The model does not take one of the settings",
      "Change the setting named here, or choose another model.",
    ],
    timeout: ["The model service took too long", "Regenerate; if it stays slow, choose another model."],
    connection: [
      "The model service cannot be reached",
      "Check the endpoint and the network, then regenerate.",
    ],
    server_error: ["The model service had a fault", "Regenerate in a moment."],
    overloaded: ["The model service is overloaded", "Regenerate in a moment, or choose another model."],
    bad_response: [
      "The model service answered in a way that cannot be read",
      "Check that the endpoint is a model service.",
    ],
    unavailable: [
      "The server takes no new work right now",
      "It is restarting or full: try again in a moment.",
    ],
    offline: ["You seem to be offline", "Your text is kept. Try again when the connection is back."],
    not_found: ["This conversation is not here", "It may have been deleted. Start a new chat."],
    conflict: ["It was changed elsewhere", "Reload the page and try again."],
  } as Readonly<Record<string, readonly [title: string, nextStep: string]>>,
  otherError: ["Something went wrong", "Try again; if it stays, look at the server's log."] as readonly [
    string,
    string,
  ],
  serverUnreachable: "The server cannot be reached.",
  serverAnswered: (status: number) => `The server answered with status ${status}.`,
  offline: "You are offline",
  offlineDetail: "An answer that is being written goes on at the server.",
  offlineStep: "What you send now goes out when the connection is back.",
  heldBack: "This answer came in one piece",
  heldBackDetail:
    "The server sent it word by word, but something between it and this page held it back until the end.",
  heldBackStep: "Turn off response buffering for /api there. For nginx: proxy_buffering off.",
  modelsProblem: "The models could not be listed",

  interrupted: "The answer was interrupted",
  interruptedStep: "What was written is kept. Continue it, or regenerate for a new one.",
  interruptedCauses: {
    "upstream-eof": "The model service closed the connection before it said that the answer was complete.",
    "producer-lost": "The server was restarted while the answer was being written.",
    unknown: "It ended without proof that it was complete.",
  },

  stoppedByOther: "The answer was stopped",
  stoppedBy: {
    timeout: "It reached the time limit for one answer.",
    budget: "It reached the limit for one answer.",
    shutdown: "The server was shut down while the answer was being written.",
  },

  lengthReached: "The answer reached its length limit",
  lengthStep: "Continue for the rest.",
  filterEnded: "The content filter ended the answer",
  filterStep: "Put the question in other words, then send it again.",
  filterCategories: (names: readonly string[]) =>
    plural("en", names.length, { one: `Category: ${names[0]}.`, other: `Categories: ${names.join(", ")}.` }),
  filterNames: {
    hate: "hate",
    sexual: "sexual content",
    violence: "violence",
    self_harm: "self-harm",
    jailbreak: "an attempt to get around the rules",
    profanity: "profanity",
    protected_material_text: "protected text",
    protected_material_code: "protected code",
    custom_blocklists: "a blocklist",
  } as Readonly<Record<string, string>>,
};
