// Follows the log of one run until its terminal event, over as many connections as it takes.
// Offsets are checked: an event that was seen is dropped, a gap is never shown but asked for again.

import type { Place } from "./places";
import { networkProblem, Problem, readProblem } from "./problem";
import { Spacing } from "./spacing";
import { SseParser } from "./sse-parser";
import type { RunEvent } from "./types/events";
import type { Terminal } from "./types/terminals";

export type Connection = "connecting" | "connected" | "reconnecting";

export interface FollowHandlers {
  onEvents(events: readonly RunEvent[]): void;
  onConnection(connection: Connection): void;
}

export interface FollowPorts {
  send: typeof fetch;
  /** Resolves after the time, or earlier when there is reason to hope: back online, page visible again. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  random(): number;
  /** Milliseconds that never jump. */
  now(): number;
  /** Leave to connect, which may be for a look only. */
  takePlace(signal: AbortSignal): Promise<Place>;
}

/**
 * How following ended: with the run's terminal, because the log was dropped, or because the caller left. A "lump" is a
 * terminal too: all came at once, although the server had sent it as it was written.
 */
export type FollowEnd = "terminal" | "lump" | "gone" | "left";

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 8000;
/** The server sends something at least every 15 s; a connection that is silent for longer is dead. */
const SILENCE_MS = 40_000;
/** Who only looks takes what comes within this time, and leaves earlier when nothing more comes. */
const LOOK_MS = 600;
const LOOK_FIRST_MS = 400;
const LOOK_QUIET_MS = 100;
const LOOK_EVERY_MS = 600;

/** How one connection ended. */
type Visit = FollowEnd | "broken" | "looked";

const TERMINALS = new Set<string>(["run-finished", "run-failed", "run-stopped", "run-interrupted"]);

export function isTerminal(event: RunEvent): event is Terminal {
  return TERMINALS.has(event.type);
}

/** How long to wait before attempt number `failures` (1 is the first retry), with jitter so that clients spread. */
export function retryDelay(failures: number, random: number): number {
  const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
  return longest * (0.5 + random / 2);
}

/** What is read, null when nothing came in time. */
function orSilence<T>(reading: Promise<T>, ms: number): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), ms);
    reading.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** One follower. `follow` runs until the end; `seq` is the offset of the last event handed on. */
export class RunFollower {
  seq: number;
  readonly #url: string;
  readonly #ports: FollowPorts;
  readonly #handlers: FollowHandlers;

  constructor(runId: string, after: number, ports: FollowPorts, handlers: FollowHandlers) {
    this.#url = `/api/runs/${encodeURIComponent(runId)}/events`;
    this.seq = after;
    this.#ports = ports;
    this.#handlers = handlers;
  }

  async follow(signal: AbortSignal): Promise<FollowEnd> {
    let failures = 0;
    this.#handlers.onConnection("connecting");
    while (!signal.aborted) {
      const before = this.seq;
      const end = await this.#visit(signal);
      if (end === "looked") {
        await this.#ports.wait(LOOK_EVERY_MS, signal);
        continue;
      }
      if (end !== "broken") return end;
      failures = this.seq > before ? 1 : failures + 1;
      if (signal.aborted) break;
      this.#handlers.onConnection("reconnecting");
      await this.#ports.wait(retryDelay(failures, this.#ports.random()), signal);
    }
    return "left";
  }

  async #visit(signal: AbortSignal): Promise<Visit> {
    const place = await this.#ports.takePlace(signal).catch(() => null);
    if (place === null) return "left";
    try {
      return await this.#connect(signal, place);
    } finally {
      place.leave();
    }
  }

  async #connect(signal: AbortSignal, place: Place): Promise<Visit> {
    const silence = new AbortController();
    const any = AbortSignal.any([signal, silence.signal, place.lost]);
    const spacing = new Spacing(this.#ports.now());
    try {
      const response = await this.#ports.send(`${this.#url}?after=${this.seq}`, {
        headers: { Accept: "text/event-stream" },
        cache: "no-store",
        signal: any,
      });
      if (!response.ok) return await this.#refused(response);
      if (response.body === null) return "broken";
      this.#handlers.onConnection("connected");
      if (place.isBrief) return await this.#look(response.body, spacing);
      const end = await this.#read(response.body, spacing, () => SILENCE_MS);
      return end === "silent" ? "broken" : end;
    } catch (error) {
      const problem = networkProblem(error);
      if (problem.status !== 0) throw problem;
      if (signal.aborted) return "left";
      return place.lost.aborted ? "looked" : "broken";
    } finally {
      silence.abort();
    }
  }

  /** Reads what there is; what comes later is read the next time. */
  async #look(body: ReadableStream<Uint8Array>, spacing: Spacing): Promise<Visit> {
    const from = this.#ports.now();
    const [first, last] = [from + LOOK_FIRST_MS, from + LOOK_MS];
    const before = this.seq;
    const end = await this.#read(body, spacing, () => {
      const now = this.#ports.now();
      return this.seq === before ? first - now : Math.min(LOOK_QUIET_MS, last - now);
    });
    return end === "silent" ? "looked" : end;
  }

  async #refused(response: Response): Promise<Visit> {
    if (response.status === 410) return "gone";
    const problem = await readProblem(response);
    const canPass = problem.status >= 500 || problem.status === 429 || problem.status === 408;
    if (canPass) return "broken";
    throw problem;
  }

  /** Reads to the end, or until nothing came for as long as `patience` says. */
  async #read(
    body: ReadableStream<Uint8Array>,
    spacing: Spacing,
    patience: () => number,
  ): Promise<Visit | "silent"> {
    const parser = new SseParser();
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (;;) {
      const chunk = await orSilence(reader.read(), patience());
      if (chunk === null) return "silent";
      if (chunk.done) return "broken";
      const { events, isBroken } = this.#take(parser.feed(decoder.decode(chunk.value, { stream: true })));
      if (events.length > 0) this.#handlers.onEvents(events);
      const now = this.#ports.now();
      spacing.arrive(events, now);
      const last = events.at(-1);
      if (last !== undefined && isTerminal(last)) return spacing.isLump(last, now) ? "lump" : "terminal";
      if (isBroken) return "broken";
    }
  }

  /** Keeps the events that continue the log; stops at a gap, so that the rest is asked for again. */
  #take(frames: readonly { id: string; data: string }[]): { events: RunEvent[]; isBroken: boolean } {
    const events: RunEvent[] = [];
    for (const frame of frames) {
      const seq = Number(frame.id);
      if (!Number.isInteger(seq) || frame.id === "") {
        throw new Problem(502, "protocol_error", "The server sent an event without its offset.");
      }
      if (seq <= this.seq) continue;
      if (seq > this.seq + 1) return { events, isBroken: true };
      events.push(JSON.parse(frame.data) as RunEvent);
      this.seq = seq;
    }
    return { events, isBroken: false };
  }
}
