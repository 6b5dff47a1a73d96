// A question and its answer: writing, waiting, reading, stopping, and the figures.

import { plural } from "../plural";

export const turns = {
  conversation: "Conversation",
  newest: "Newest",

  message: "Message",
  placeholder: "Ask anything",
  stopHint: "Esc stops",
  sendHints: {
    enter: "Enter sends, Shift+Enter is a new line",
    modified: "Ctrl+Enter sends, Enter is a new line",
  },
  send: "Send",
  queueHint: "Enter queues, Esc stops",
  queueSend: "Send after this answer",
  queue: "Messages that wait",
  queuedMessage: (number: number) => `Waiting message ${number}`,
  removeQueued: (number: number) => `Remove waiting message ${number}`,
  queueNext: "Goes out when the answer is complete",
  queueWaits: "Waits, because the answer did not complete",
  sendQueued: "Send now",
  stopAnswer: "Stop the answer",
  stopTitle: "Stop (Esc)",

  attachFiles: "Attach images or text files",
  chooseFiles: "Choose files",
  attachedFiles: "Attached files",
  uploading: "Uploading",
  removeFile: (name: string) => `Remove ${name}`,
  openFile: (name: string) => `Open ${name}`,
  modelSeesNoImages: (model: string) =>
    `${model} does not see images. Choose another model, or remove the image.`,

  youAsked: "You asked",
  copyQuestion: "Copy question",
  notSent: (why: string) => `Not sent. ${why}`,
  retry: "Retry",
  edit: "Edit",
  editMessage: "Edit the message",
  editKeeps: "The old version stays",

  answered: (model: string) => `${model} answered`,
  theModel: "The model",
  unknownModel: "unknown model",
  copyAnswer: "Copy answer as Markdown",
  continue: "Continue",
  regenerate: "Regenerate",
  regenerateAnswer: "Regenerate the answer",
  againIn: (label: string, wait: string) => `${label} (in ${wait})`,
  regenerateWith: "Regenerate with another model",
  regenerateTitle: "Regenerate with the chosen model",
  versionOf: (position: number, count: number) => `Version ${position} of ${count}`,
  earlierVersion: "Earlier version",
  laterVersion: "Later version",

  replying: "The assistant is replying",
  replyEndings: {
    finished: "Reply complete",
    stopped: "Reply stopped",
    failed: "Reply failed",
    interrupted: "Reply interrupted",
  },

  stages: {
    sending: "Sending",
    connecting: "Connecting",
    waiting: "Waiting for the first words",
    thinking: "Thinking",
    writing: "Writing",
    calling: "Calling a tool",
    searching: "Searching",
    retrying: "Trying again",
  },
  seconds: (seconds: number) => `${seconds} s`,
  stopping: "Stopping",
  stopUnheard: "The stop is noted. The server that writes this answer has not received it yet",
  reconnecting: "Connection lost. The answer goes on at the server; reconnecting",

  thinkingFor: (seconds: number) => `Thinking, ${seconds} s`,
  thought: "Thought",
  thoughtFor: (seconds: number) =>
    seconds < 1 ? "Thought for less than a second" : `Thought for ${seconds} s`,
  declined: "The model declined",
  tool: "Tool",
  toolStates: {
    streaming: "preparing",
    ready: "running",
    invalid: "could not be called",
    done: "done",
    failed: "failed",
  },
  toolInput: "Input",
  toolOutput: "Output",
  toolError: "Error",
  sources: "Sources",
  steps: (count: number) => plural("en", count, { one: "1 step", other: `${count} steps` }),
  stepFailed: (step: string) => `${step} (failed)`,

  figures: "Figures of this answer",
  figureModel: "model",
  figureTokens: "tokens",
  figureIn: "in",
  figureOut: "out",
  figureCached: "cached",
  figureReasoning: "reasoning",
  figureCost: "cost",
  figureFirstToken: "first token",
  figureTotal: "total",
  figureRate: "tok/s",
  unknown: "unknown",
  usageSources: {
    provider: "Counted by the model service",
    estimated: "Estimated from the text: the model service gave no count",
    lower_bound: "At least this much: some of the reasoning was not visible",
  },
  firstTokenTitle: "Time to the first token",
  noPrice: "No price is known for this model",
  costComputed: (priceModel: string | undefined) =>
    priceModel === undefined ? "Computed" : `Computed at the prices of ${priceModel}`,
  costEstimated: (priceModel: string | undefined) =>
    priceModel === undefined ? "Estimated" : `Estimated at the prices of ${priceModel}`,

  stopped: "Stopped.",
  kept: "What was written is kept",
  keptText: "What was written is kept.",
  alreadyEnded: "The answer had already ended.",
  upstreamClosed: (duration: string | null) =>
    duration === null ? "Upstream closed" : `Upstream closed in ${duration}`,
  upstreamUnconfirmed: (duration: string | null) =>
    duration === null ? "Upstream not confirmed closed" : `Upstream not confirmed closed after ${duration}`,
  tokenCount: (count: number, written: string) =>
    plural("en", count, { one: `${written} token`, other: `${written} tokens` }),
  asIs: {
    provider: (figure: string) => figure,
    estimated: (figure: string) => `${figure} (estimated)`,
    lower_bound: (figure: string) => `at least ${figure} (estimated)`,
  },
  costUnknown: "cost unknown",
};
