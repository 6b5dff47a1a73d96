// Shows a growing text in an element: paced, everything at once when that is better.

import { MdStream } from "./md-stream";
import { graphemeFloor, Pacer } from "./pacing";

/** A rendering that took longer than this makes the next one wait, so that typing and scrolling stay free. */
const SLOW_COMMIT_MS = 8;
/** Of the time, so much may go into rendering one block that is long without end. */
const SLOW_SHARE = 4;
const REDUCED_INTERVAL_MS = 250;

/** As a flow, as it arrives, or the whole answer once it is complete. */
export type TextDisplay = "smooth" | "immediate" | "whole";

export interface ViewUpdate {
  readonly text: string;
  /** No more will come. */
  readonly isDone: boolean;
  /** Show all of it now: stopped, failed, read from the record. */
  readonly isInstant: boolean;
  readonly display: TextDisplay;
}

export class TextView {
  readonly #root: HTMLElement;
  readonly #stream: MdStream;
  readonly #pacer = new Pacer();
  readonly #motion = matchMedia("(prefers-reduced-motion: reduce)");
  #update: ViewUpdate = { text: "", isDone: false, isInstant: false, display: "smooth" };
  #shown = 0;
  #frame = 0;
  #earliest = 0;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#stream = new MdStream(root);
    document.addEventListener("visibilitychange", this.#onVisibility);
  }

  set(update: ViewUpdate): void {
    const now = performance.now();
    // What is there when the view opens is shown before the first paint.
    const isFirst = this.#update.text === "";
    this.#update = update;
    this.#pacer.arrive(update.text.length, now);
    if (update.isDone) this.#pacer.end(now);
    if (update.display === "whole" && !update.isDone && !update.isInstant) return;
    // A hidden page gets no frames: it is kept up to date without them.
    const isAtOnce = isFirst || update.isInstant || update.display !== "smooth" || document.hidden;
    if (isAtOnce) this.#commit(this.#pacer.flush());
    else this.#advance(now);
    this.#markRest();
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    document.removeEventListener("visibilitychange", this.#onVisibility);
  }

  readonly #onVisibility = (): void => {
    if (document.hidden) this.#commit(this.#pacer.flush());
  };

  #schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#onFrame);
  }

  readonly #onFrame = (now: number): void => {
    this.#frame = 0;
    this.#advance(now);
  };

  /** Shows what is due; asks for a frame only when something is left to be shown. */
  #advance(now: number): void {
    if (now < this.#earliest) {
      this.#schedule();
      return;
    }
    const isReduced = this.#motion.matches;
    const from = performance.now();
    this.#commit(isReduced ? this.#pacer.flush() : this.#pacer.advance(now));
    const took = performance.now() - from;
    if (isReduced) this.#earliest = now + REDUCED_INTERVAL_MS;
    else this.#earliest = took > SLOW_COMMIT_MS ? now + took * SLOW_SHARE : 0;
  }

  #commit(target: number): void {
    const { text, isDone } = this.#update;
    this.#shown = graphemeFloor(text, Math.min(this.#shown, target), target);
    const isWhole = this.#shown >= text.length;
    this.#stream.set(isWhole ? text : text.slice(0, this.#shown), isDone && isWhole);
    if (isWhole) this.#markRest();
    else this.#schedule();
  }

  /** Whether the answer has ended and its last words are still to be shown: what stands under it waits for them. */
  #markRest(): void {
    const { text, isDone } = this.#update;
    this.#root.toggleAttribute("data-has-rest", isDone && this.#shown < text.length);
  }
}
