// Honest smoothness: text is shown at the rate at which it arrives, a little behind, so that bursts read as a flow.
// No clock, no DOM: times are passed in, in milliseconds.

/** A little faster than the arrivals, so that what waits shrinks. */
const LEAD = 1.05;
/** Nothing waits longer than this. */
const LONGEST_LAG_MS = 400;
/** After the end, what waits is shown at this pace, and all of it by `DRAIN_MS`. */
const DRAIN_PACE_MS = 120;
const DRAIN_MS = 300;
/** With more than this waiting, pacing would only hold back. */
const LONGEST_BACKLOG = 1500;
const RATE_MEMORY_MS = 500;
/** Arrivals that are closer than this flow by themselves: holding them back would only add lag, and a frame to ask for. */
const FLOWING_GAP_MS = 48;

export class Pacer {
  #shown = 0;
  #total = 0;
  /** Characters per millisecond. */
  #rate = 0;
  /** Milliseconds between arrivals. */
  #gap = 0;
  #lastArrival: number | null = null;
  #lastFrame: number | null = null;
  #endedAt: number | null = null;

  get backlog(): number {
    return this.#total - this.#shown;
  }

  /** The text is this long now. */
  arrive(total: number, now: number): void {
    const count = total - this.#total;
    if (count <= 0) return;
    this.#total = total;
    if (this.#lastArrival === null) {
      // The first words are shown at once; so is what was there before this page looked.
      this.#shown = total;
      this.#lastArrival = now;
      return;
    }
    const elapsed = Math.max(1, now - this.#lastArrival);
    this.#lastArrival = now;
    const weight = 1 - Math.exp(-elapsed / RATE_MEMORY_MS);
    this.#rate += weight * (count / elapsed - this.#rate);
    this.#gap += weight * (elapsed - this.#gap);
  }

  /** No more will come. */
  end(now: number): void {
    this.#endedAt ??= now;
  }

  /** Shows all: the page is hidden, the run was stopped or failed, or the person wants no pacing. */
  flush(): number {
    this.#shown = this.#total;
    return this.#shown;
  }

  /** How many characters may be shown at this moment. */
  advance(now: number): number {
    const elapsed = this.#lastFrame === null ? 16 : Math.min(250, Math.max(0, now - this.#lastFrame));
    this.#lastFrame = now;
    const isFlowing = this.#gap < FLOWING_GAP_MS && this.#endedAt === null;
    if (isFlowing || this.backlog > LONGEST_BACKLOG || this.#isOverdue(now)) return this.flush();
    this.#shown = Math.min(this.#total, this.#shown + elapsed * this.#pace());
    return Math.floor(this.#shown);
  }

  #isOverdue(now: number): boolean {
    return this.#endedAt !== null && now - this.#endedAt >= DRAIN_MS;
  }

  #pace(): number {
    if (this.#endedAt !== null) return Math.max(this.#rate * LEAD, this.backlog / DRAIN_PACE_MS);
    return Math.max(this.#rate * LEAD, this.backlog / LONGEST_LAG_MS);
  }
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** Longer than any grapheme that is met in earnest. */
const LOOKAHEAD = 32;

/** Below the first combining mark, and no line end, every character is a grapheme. */
const isSimple = (code: number) => code < 0x300 && code !== 0x0d && code !== 0x0a;

/** The last place at or before `target` that is between two graphemes; `from` is such a place. */
export function graphemeFloor(text: string, from: number, target: number): number {
  if (target >= text.length) return text.length;
  if (isSimple(text.charCodeAt(target - 1)) && isSimple(text.charCodeAt(target))) return target;
  let place = from;
  for (const { index } of segmenter.segment(text.slice(from, target + LOOKAHEAD))) {
    if (from + index > target) break;
    place = from + index;
  }
  return place;
}
