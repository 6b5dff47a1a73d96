// Events -> message, as src/penstock/core/fold.py does it; spec/fold holds both to one answer.
// Text grows by concatenation, which the engine keeps as a rope: folding a long answer costs its length once.

import type {
  ContentFilter,
  Data,
  Progress,
  ReasoningEnded,
  RunEvent,
  RunStarted,
  Source,
  ToolCallInvalid,
  ToolCallReady,
  ToolResult,
  Usage,
} from "../wire/types/events";
import type { FoldedMessage, Part, ToolPart } from "../wire/types/messages";
import type { RunFailed } from "../wire/types/terminals";
import { compact } from "./compact";

type Head = Omit<FoldedMessage, "parts" | "progress" | "filters">;

interface Content {
  readonly parts: readonly Part[];
  /** Key of a part -> its index. */
  readonly places: ReadonlyMap<string, number>;
  readonly filters: readonly ContentFilter[];
}

/** A message while it grows. Values are replaced, never changed. */
export interface FoldState {
  readonly head: Head;
  readonly content: Content;
  /** What a reset of the running step returns to. */
  readonly beforeStep: Content;
  readonly progress: ReadonlyMap<string, Progress>;
}

const NOTHING: Content = { parts: [], places: new Map(), filters: [] };

/** The empty message. */
export const EMPTY_FOLD: FoldState = { head: {}, content: NOTHING, beforeStep: NOTHING, progress: new Map() };

/** Takes one event; trusts the order (see src/penstock/core/order.py). */
export function foldEvent(state: FoldState, event: RunEvent): FoldState {
  const handler = HANDLERS[event.type] as (state: FoldState, event: RunEvent) => FoldState;
  // An event of a newer server that this page does not know changes nothing that it can show.
  return handler === undefined ? state : handler(state, event);
}

/** Gives the message so far, with defaults left out as on the wire. */
export function foldedMessage(state: FoldState): FoldedMessage {
  const { parts, filters } = state.content;
  const progress = [...state.progress.values()];
  return compact<FoldedMessage>({
    ...state.head,
    parts: parts.length > 0 ? parts : undefined,
    progress: progress.length > 0 ? progress : undefined,
    filters: filters.length > 0 ? filters : undefined,
  });
}

/** Parts and data have names of their own, which may not meet. */
const keyOf = (partId: string) => `part ${partId}`;

function change(state: FoldState, fields: { [K in keyof Head]?: Head[K] | undefined }): FoldState {
  return { ...state, head: compact<Head>({ ...state.head, ...fields }) };
}

function add(state: FoldState, key: string | null, part: Part): FoldState {
  const { parts, places, filters } = state.content;
  const placed = key === null ? places : new Map(places).set(key, parts.length);
  return { ...state, content: { parts: [...parts, part], places: placed, filters } };
}

function update(state: FoldState, key: string, updated: (part: Part) => Part): FoldState {
  const place = state.content.places.get(key);
  const part = place === undefined ? undefined : state.content.parts[place];
  if (place === undefined || part === undefined) return state;
  return { ...state, content: { ...state.content, parts: state.content.parts.with(place, updated(part)) } };
}

function updateTool(state: FoldState, key: string, updated: (part: ToolPart) => ToolPart): FoldState {
  return update(state, key, (part) => (part.type === "tool-call" ? updated(part) : part));
}

function onRunStarted(state: FoldState, event: RunStarted): FoldState {
  const { run_id, message_id, model, provider } = event;
  return change(state, { run_id, message_id, model, provider, status: "running" });
}

function onDelta(state: FoldState, event: { part_id: string; text: string }): FoldState {
  return update(state, keyOf(event.part_id), (part) =>
    "text" in part ? { ...part, text: part.text + event.text } : part,
  );
}

function onReasoningEnded(state: FoldState, event: ReasoningEnded): FoldState {
  const { signature } = event;
  if (signature === undefined) return state;
  return update(state, keyOf(event.part_id), (part) =>
    part.type === "reasoning" ? { ...part, signature } : part,
  );
}

function onToolCallReady(state: FoldState, event: ToolCallReady): FoldState {
  const { name, input } = event;
  return updateTool(state, keyOf(event.tool_call_id), (part) =>
    compact<ToolPart>({ ...part, name, state: "ready", input: input ?? undefined }),
  );
}

function onToolCallInvalid(state: FoldState, event: ToolCallInvalid): FoldState {
  return updateTool(state, keyOf(event.tool_call_id), (part) =>
    compact<ToolPart>({
      ...part,
      name: event.name,
      state: "invalid",
      arguments: event.arguments === "" ? undefined : event.arguments,
      error_text: event.error_text,
    }),
  );
}

function onToolResult(state: FoldState, event: ToolResult): FoldState {
  return updateTool(state, keyOf(event.tool_call_id), (part) =>
    compact<ToolPart>({
      ...part,
      state: event.error_text === undefined ? "done" : "failed",
      output: event.output ?? undefined,
      error_text: event.error_text,
    }),
  );
}

function onSource(state: FoldState, event: Source): FoldState {
  const { type, extra, ...source } = event;
  return add(state, null, { type, ...source });
}

function onData(state: FoldState, event: Data): FoldState {
  if (event.transient) return state;
  const { type, name, value, data_id } = event;
  const part = compact<Part>({ type, name, value, data_id });
  const key = data_id === undefined ? null : `data ${JSON.stringify([name, data_id])}`;
  if (key !== null && state.content.places.has(key)) return update(state, key, () => part);
  return add(state, key, part);
}

function onContentFilter(state: FoldState, event: ContentFilter): FoldState {
  const hasVerdicts = Object.keys(event.verdicts ?? {}).length > 0;
  if (!event.blocked && !hasVerdicts) return state;
  return { ...state, content: { ...state.content, filters: [...state.content.filters, event] } };
}

function onUsage(state: FoldState, event: Usage): FoldState {
  const { type, extra, cost, ...usage } = event;
  return change(state, { usage, cost });
}

function onRunFailed(state: FoldState, event: RunFailed): FoldState {
  const { type, extra, timings, ...failure } = event;
  return change(state, { status: "failed", failure, timings });
}

type Handlers = {
  [Type in RunEvent["type"]]: (state: FoldState, event: Extract<RunEvent, { type: Type }>) => FoldState;
};

/** One handler per event: the compiler holds this table to the union, so that a new event can't be forgotten. */
const HANDLERS: Handlers = {
  "run-started": onRunStarted,
  "step-started": (state, { model }) => {
    const begun = { ...state, beforeStep: state.content };
    return change(begun, { finish_reason: undefined, model: model || state.head.model });
  },
  "step-finished": (state, { finish_reason }) => change(state, { finish_reason }),
  "step-reset": (state) => ({ ...state, content: state.beforeStep }),
  "text-started": (state, { part_id }) => add(state, keyOf(part_id), { type: "text", part_id, text: "" }),
  "text-delta": onDelta,
  "text-ended": (state) => state,
  "reasoning-started": (state, { part_id, kind }) =>
    add(state, keyOf(part_id), compact<Part>({ type: "reasoning", part_id, text: "", kind })),
  "reasoning-delta": onDelta,
  "reasoning-ended": onReasoningEnded,
  "refusal-started": (state, { part_id }) =>
    add(state, keyOf(part_id), { type: "refusal", part_id, text: "" }),
  "refusal-delta": onDelta,
  "refusal-ended": (state) => state,
  "tool-call-started": (state, { tool_call_id, name }) =>
    add(state, keyOf(tool_call_id), { type: "tool-call", tool_call_id, name }),
  "tool-call-delta": (state, event) =>
    updateTool(state, keyOf(event.tool_call_id), (part) => ({
      ...part,
      arguments: (part.arguments ?? "") + event.arguments,
    })),
  "tool-call-ready": onToolCallReady,
  "tool-call-invalid": onToolCallInvalid,
  "tool-result": onToolResult,
  source: onSource,
  progress: (state, event) => ({ ...state, progress: new Map(state.progress).set(event.stage, event) }),
  data: onData,
  "content-filter": onContentFilter,
  usage: onUsage,
  "run-finished": (state, { finish_reason, timings }) =>
    change(state, { status: "finished", finish_reason, timings }),
  "run-failed": onRunFailed,
  "run-stopped": (state, { by, timings }) => change(state, { status: "stopped", detail: by, timings }),
  "run-interrupted": (state, { cause, timings }) =>
    change(state, { status: "interrupted", detail: cause, timings }),
};
