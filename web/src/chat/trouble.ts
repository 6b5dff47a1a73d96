// Errors in words, each with the next step.

import type { Failure, FinishReason, Message } from "../wire/events";
import type { Problem } from "../wire/problem";

export interface Trouble {
  readonly title: string;
  /** What the service or the server said. */
  readonly detail: string;
  readonly nextStep: string;
  readonly tone: "error" | "notice";
}

const WORDS: Readonly<Record<string, readonly [title: string, nextStep: string]>> = {
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
  content_filter: ["The content filter blocked this", "Put the question in other words, then send it again."],
  context_length: [
    "The conversation is too long for this model",
    "Start a new chat, or choose a model with a larger context.",
  ],
  unsupported_parameter: [
    "The model does not take one of the settings",
    "Change the setting named here, or choose another model.",
  ],
  timeout: ["The model service took too long", "Regenerate; if it stays slow, choose another model."],
  connection: ["The model service cannot be reached", "Check the endpoint and the network, then regenerate."],
  server_error: ["The model service had a fault", "Regenerate in a moment."],
  overloaded: ["The model service is overloaded", "Regenerate in a moment, or choose another model."],
  bad_response: [
    "The model service answered in a way that cannot be read",
    "Check that the endpoint is a model service.",
  ],
  unavailable: ["The server takes no new work right now", "It is restarting or full: try again in a moment."],
  offline: ["You seem to be offline", "Your text is kept. Try again when the connection is back."],
  not_found: ["This conversation is not here", "It may have been deleted. Start a new chat."],
  conflict: ["It was changed elsewhere", "Reload the page and try again."],
};

function words(code: string): readonly [string, string] {
  return WORDS[code] ?? ["Something went wrong", "Try again; if it stays, look at the server's log."];
}

function failureTrouble(failure: Failure): Trouble {
  const [title, nextStep] = words(failure.code);
  const wait = failure.retry_after_s;
  const step = wait === undefined ? nextStep : `Try again in ${Math.ceil(wait)} s. ${nextStep}`;
  return { title, detail: failure.message, nextStep: step, tone: "error" };
}

export function problemTrouble(problem: Problem): Trouble {
  const [title, nextStep] = words(problem.code);
  return { title, detail: problem.message, nextStep, tone: "error" };
}

const CAUSES: Readonly<Record<string, string>> = {
  "upstream-eof": "The model service closed the connection before it said that the answer was complete.",
  "producer-lost": "The server was restarted while the answer was being written.",
};

const STOPPED_BY: Readonly<Record<string, string>> = {
  timeout: "It reached the time limit for one answer.",
  budget: "It reached the limit for one answer.",
  shutdown: "The server was shut down while the answer was being written.",
};

const FINISHES: { readonly [Reason in FinishReason]?: readonly [title: string, nextStep: string] } = {
  length: ["The answer reached its length limit", "Ask it to go on."],
  "content-filter": [
    "The content filter ended the answer",
    "Put the question in other words, then send it again.",
  ],
};

/** Categories that the content filter acted on, in words. */
function filteredCategories(message: Message): string[] {
  const names = (message.filters ?? []).flatMap((filter) =>
    Object.entries(filter.verdicts ?? {})
      .filter(([, verdict]) => verdict.filtered)
      .map(([name]) => name.replaceAll("_", " ")),
  );
  return [...new Set(names)];
}

/** What has to be said under an answer that did not simply finish; null when all is well. */
export function answerTrouble(message: Message): Trouble | null {
  const kept = "What was written is kept.";
  if (message.status === "failed" && message.failure !== undefined)
    return withCategories(message, failureTrouble(message.failure));
  if (message.status === "interrupted") {
    const detail = CAUSES[message.detail ?? ""] ?? "It ended without proof that it was complete.";
    return {
      title: "The answer was interrupted",
      detail,
      nextStep: `${kept} Regenerate for a whole one.`,
      tone: "notice",
    };
  }
  if (message.status === "stopped" && message.detail !== "user") {
    const detail = STOPPED_BY[message.detail ?? ""] ?? "";
    return { title: "The answer was stopped", detail, nextStep: kept, tone: "notice" };
  }
  const finish = message.finish_reason === undefined ? undefined : FINISHES[message.finish_reason];
  if (message.status !== "finished" || finish === undefined) return null;
  return withCategories(message, { title: finish[0], detail: "", nextStep: finish[1], tone: "notice" });
}

function withCategories(message: Message, trouble: Trouble): Trouble {
  const categories = filteredCategories(message);
  if (categories.length === 0) return trouble;
  const detail = `${trouble.detail} Category: ${categories.join(", ")}.`.trim();
  return { ...trouble, detail };
}
