// What stands around the conversation, on the empty page, and at the tools of rendered text.

export const page = {
  newChat: "New chat",
  cancel: "Cancel",
  close: "Close",
  dismiss: "Dismiss",
  tryAgain: "Try again",

  welcomeHeading: "What shall we work on?",
  starters: [
    { question: "Explain server-sent events to a new colleague", hint: "In plain words" },
    { question: "Compare three ways to store a log in SQL", hint: "As a table" },
    { question: "Draft a short release note", hint: "From a few bullet points" },
  ],
  // The emulator understands these questions in English.
  emulatorStarters: [
    { question: "How do I connect a real model?", hint: "Endpoint, key, deployment" },
    { question: "Show me what this page can render", hint: "Tables, code, formulas" },
    { question: "Write a long answer that I can stop", hint: "And see the receipt" },
  ],

  emulatorNotice: "Answers come from the bundled emulator.",
  emulatorMore: "How to connect a model",
  emulatorSteps: "Stop the server, set these in its environment, and start it again:",
  emulatorVariables: `AZURE_OPENAI_ENDPOINT=https://<resource>.openai.azure.com
AZURE_OPENAI_DEPLOYMENT=<deployment>
AZURE_OPENAI_API_KEY=<key>        # or leave it out and sign in with: az login`,
  emulatorOthers:
    "OPENAI_API_KEY, with OPENAI_BASE_URL for compatible services, works as well. “penstock doctor” tells what is missing.",

  modelLabel: (name: string) => `Model: ${name}`,
  noModel: "No model",
  bundledEmulator: "Bundled emulator",
  contextSize: (thousands: number) => `${thousands}k context`,
  pricesUnknown: "price unknown",
  abilities: { images: "sees images", tools: "calls tools", reasoning: "reasons" },
  prices: (input: number, output: number) => `$${input} in, $${output} out per million tokens`,

  shortcutsHeading: "Keyboard",
  shortcuts: {
    focusComposer: "Write a message",
    newChat: "New chat",
    search: "Search chats",
    copyCode: "Copy the last code block",
    escape: "Stop the answer, or close what is open",
    help: "This list",
    editLast: "In the empty box: edit the last message",
    send: "Send; while an answer is written, line up",
    newLine: "New line",
  },

  copy: "Copy",
  copied: "Copied",
  copyCsv: "Copy as CSV",
  notCopied: "Not copied",
  codeLabel: (language: string) => (language === "" ? "Code" : `Code, ${language}`),
  tableLabel: "Table",
  imageWords: "image",
  taskDone: "done",
  taskOpen: "to do",
};
