import { describe, expect, it } from "vitest";
import { graphemeFloor, Pacer } from "./pacing";

const FRAME_MS = 1000 / 60;

/** Plays arrivals [ms, characters] at 60 frames a second; gives what was shown and waiting at each frame. */
function play(arrivals: readonly (readonly [number, number])[], endMs: number | null, untilMs: number) {
  const pacer = new Pacer();
  const waiting = [...arrivals];
  const frames: { at: number; shown: number; backlog: number }[] = [];
  let total = 0;
  for (let at = 0; at <= untilMs; at += FRAME_MS) {
    while (waiting[0] !== undefined && waiting[0][0] <= at) {
      const [when, count] = waiting.shift() as readonly [number, number];
      total += count;
      pacer.arrive(total, when);
    }
    if (endMs !== null && at >= endMs) pacer.end(endMs);
    frames.push({ at, shown: pacer.advance(at), backlog: pacer.backlog });
  }
  return { frames, total };
}

const steady = (perSecond: number, seconds: number) =>
  Array.from({ length: perSecond * seconds }, (_, index) => [(index * 1000) / perSecond, 4] as const);

describe("pacing", () => {
  it("shows the first words at once", () => {
    const pacer = new Pacer();
    pacer.arrive(12, 100);
    expect(pacer.advance(100)).toBe(12);
  });

  it.each([20, 80, 300])("keeps within 400 ms of a steady %d tokens per second", (rate) => {
    const { frames } = play(steady(rate, 5), null, 5000);
    const late = frames.filter(({ at }) => at > 1000).map(({ backlog }) => (backlog / (rate * 4)) * 1000);
    expect(Math.max(...late)).toBeLessThan(400);
  });

  it("holds back nothing of a stream that flows by itself", () => {
    const { frames } = play(steady(200, 3), null, 3000);
    expect(Math.max(...frames.map(({ backlog }) => backlog))).toBe(0);
  });

  it("turns bursts into a flow", () => {
    const bursts = Array.from({ length: 12 }, (_, index) => [index * 450, 160] as const);
    const { frames } = play(bursts, null, 5400);
    const steps = frames.slice(60).map(({ shown }, index, all) => shown - (all[index - 1]?.shown ?? shown));
    expect(Math.max(...steps)).toBeLessThan(40);
  });

  it("has shown everything 300 ms after the end", () => {
    const { frames, total } = play(
      [
        [0, 4],
        [100, 1400],
      ],
      100,
      420,
    );
    expect(frames.at(-1)?.shown).toBe(total);
  });

  it("shows everything when it is 1,500 characters behind", () => {
    const { frames } = play(
      [
        [0, 4],
        [16, 2000],
      ],
      null,
      40,
    );
    expect(frames.at(-1)?.shown).toBe(2004);
  });

  it("never goes back", () => {
    const { frames } = play(steady(60, 3), 3000, 3400);
    expect(frames.every(({ shown }, index) => index === 0 || shown >= (frames[index - 1]?.shown ?? 0))).toBe(
      true,
    );
  });
});

describe("cutting text", () => {
  const family = "👨‍👩‍👧";

  it("never cuts inside a grapheme", () => {
    const text = `a${family}b`;
    for (let target = 1; target < 1 + family.length; target += 1)
      expect(graphemeFloor(text, 0, target)).toBe(1);
    expect(graphemeFloor(text, 0, 1 + family.length)).toBe(1 + family.length);
  });

  it("shows the end of the text whole", () => {
    expect(graphemeFloor("abc", 1, 3)).toBe(3);
  });
});
