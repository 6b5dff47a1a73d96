import { describe, expect, it } from "vitest";
import { Places } from "./places";

const NEVER = new AbortController().signal;

/** A browser's locks, which all its tabs share. */
class Locks {
  readonly #held = new Set<string>();
  readonly #waiting = new Map<string, (() => void)[]>();

  readonly request = async (
    name: string,
    { ifAvailable, signal }: LockOptions,
    then: (lock: unknown) => unknown,
  ): Promise<unknown> => {
    while (this.#held.has(name)) {
      if (ifAvailable) return then(null);
      signal?.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), resolve]);
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
    }
    this.#held.add(name);
    try {
      return await then({ name });
    } finally {
      this.#held.delete(name);
      this.#waiting.get(name)?.shift()?.();
    }
  };
}

function tabs(count: number): Places[] {
  const locks = new Locks() as unknown as LockManager;
  return Array.from({ length: count }, () => new Places(locks));
}

const isBrief = async (places: Places | undefined) => (await places?.take(NEVER))?.isBrief;

describe("places to connect", () => {
  it("lets three stay, whichever tab they are in, and one look", async () => {
    const [one, two] = tabs(2);
    expect([await isBrief(one), await isBrief(two), await isBrief(one)]).toEqual([false, false, false]);
    expect(await isBrief(two)).toBe(true);
  });

  it("lets those look that find no place, one after the other", async () => {
    const [one, two] = tabs(2);
    for (let count = 0; count < 3; count += 1) await one?.take(NEVER);
    const look = await one?.take(NEVER);
    let isIn = false;
    const next = two?.take(NEVER).then(() => {
      isIn = true;
    });
    await Promise.resolve();
    expect(isIn).toBe(false);
    look?.leave();
    await next;
    expect(isIn).toBe(true);
  });

  it("takes the places back when nobody looks at the tab, for tabs that are looked at", async () => {
    const [one, two] = tabs(2);
    const held = await Promise.all([1, 2, 3].map(() => one?.take(NEVER)));
    one?.see(false);
    expect(held.every((place) => place?.lost.aborted)).toBe(true);
    for (const place of held) place?.leave();
    expect(await isBrief(one)).toBe(true);
    expect(await isBrief(two)).toBe(false);
  });

  it("stops waiting for a turn when told to", async () => {
    const [tab] = tabs(1);
    tab?.see(false);
    await tab?.take(NEVER);
    const left = new AbortController();
    const waiting = tab?.take(left.signal);
    left.abort(new Error("left"));
    await expect(waiting).rejects.toThrow("left");
  });

  it("counts over one tab where the browser has no locks", async () => {
    const places = new Places(undefined);
    const all = await Promise.all([1, 2, 3, 4].map(async () => (await places.take(NEVER)).isBrief));
    expect(all).toEqual([false, false, false, true]);
    places.see(false);
    expect(await isBrief(places)).toBe(true);
  });
});
