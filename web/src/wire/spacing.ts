// Whether something between the server and this page holds an answer back: it was written over seconds and came at once.

import type { RunEvent } from "./types/events";
import type { Terminal } from "./types/terminals";

/** An answer that was written in less time tells nothing. */
const SHORTEST_MS = 1500;
/** So much of the time that the writing took the reader must have waited for it: who came late gets the rest at once. */
const WAITED_SHARE = 0.8;
/** An answer that came within this share of the time in which it was written came in one lump. */
const LUMP_SHARE = 0.2;

/** Watches one connection; times are milliseconds of any one clock. */
export class Spacing {
  readonly #askedAt: number;
  #firstTextAt: number | null = null;

  constructor(askedAt: number) {
    this.#askedAt = askedAt;
  }

  /** Takes what arrived together. */
  arrive(events: readonly RunEvent[], now: number): void {
    if (this.#firstTextAt === null && events.some((event) => event.type === "text-delta"))
      this.#firstTextAt = now;
  }

  /** Whether the whole answer came in one lump although it was written with pauses. */
  isLump(terminal: Terminal, now: number): boolean {
    const { first_token_ms, total_ms } = terminal.timings ?? {};
    if (this.#firstTextAt === null || first_token_ms === undefined || total_ms === undefined) return false;
    const writingMs = total_ms - first_token_ms;
    const waitedMs = now - this.#askedAt;
    const arrivingMs = now - this.#firstTextAt;
    return (
      writingMs >= SHORTEST_MS && waitedMs >= WAITED_SHARE * writingMs && arrivingMs <= LUMP_SHARE * writingMs
    );
  }
}
