// Who may hold a stream open. A browser opens six connections to an HTTP/1.1 server, for all its tabs together: if every
// running answer held one, the seventh tab could not even load. So a few answers stay connected, those that somebody looks
// at; every other reader looks in for a moment, one after the other, takes what there is and leaves.

/** With the one that looks in, four of the six; two are left for everything else. */
const STAYING = 3;
const LOOK = "penstock.look";

/** Leave to connect. */
export interface Place {
  /** Only for a look: others wait for their turn. */
  readonly isBrief: boolean;
  /** The place is wanted back: nobody looks at this tab any more. */
  readonly lost: AbortSignal;
  leave(): void;
}

/** The places of one tab. With the browser's locks they are counted over all its tabs, otherwise over this one. */
export class Places {
  readonly #locks: LockManager | undefined;
  readonly #staying = new Set<AbortController>();
  /** Places that are taken where there are no locks to count them. */
  #count = 0;
  #isSeen = true;

  /** `locks` is missing where the page did not come over HTTPS or from this machine. */
  constructor(locks: LockManager | undefined) {
    this.#locks = locks;
  }

  /** Somebody looks at this tab, or nobody does: then its places are free for others. */
  see(isSeen: boolean): void {
    this.#isSeen = isSeen;
    if (!isSeen) for (const lost of this.#staying) lost.abort();
  }

  /** Gives a place to stay when one is free, else a turn to look; rejects when the signal says to leave. */
  async take(signal: AbortSignal): Promise<Place> {
    const free = await this.#findFree();
    if (free !== null && this.#isSeen) return this.#stay(free);
    free?.();
    const turn = (await this.#hold(LOOK, { signal })) ?? (() => undefined);
    return { isBrief: true, lost: signal, leave: turn };
  }

  #stay(release: () => void): Place {
    const lost = new AbortController();
    this.#staying.add(lost);
    const leave = () => {
      this.#staying.delete(lost);
      release();
    };
    return { isBrief: false, lost: lost.signal, leave };
  }

  async #findFree(): Promise<(() => void) | null> {
    if (!this.#isSeen) return null;
    if (this.#locks === undefined) return this.#countOne();
    for (let place = 0; place < STAYING; place += 1) {
      const release = await this.#hold(`penstock.stream.${place}`, { ifAvailable: true });
      if (release !== null) return release;
    }
    return null;
  }

  #countOne(): (() => void) | null {
    if (this.#count === STAYING) return null;
    this.#count += 1;
    return () => {
      this.#count -= 1;
    };
  }

  /** Gives what releases the lock; null when it is another's, or there are no locks. */
  #hold(name: string, options: LockOptions): Promise<(() => void) | null> {
    const locks = this.#locks;
    if (locks === undefined) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      const held = locks.request(name, options, (lock) =>
        lock === null ? resolve(null) : new Promise<void>((release) => resolve(release)),
      );
      held.catch(reject);
    });
  }
}
