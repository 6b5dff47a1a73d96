import { beforeEach, describe, expect, it } from "vitest";
import { SendQueue } from "./send-queue";

let queue: SendQueue;
const texts = (of = queue) => of.items.value.map(({ text }) => text);

beforeEach(() => {
  sessionStorage.clear();
  queue = new SendQueue("c", sessionStorage);
  for (const text of ["one", "two", "three"]) queue.add({ id: text, text, model: null });
});

describe("a queue of messages", () => {
  it("gives them in their order", () => {
    expect([queue.take()?.text, queue.take()?.text, texts()]).toEqual(["one", "two", ["three"]]);
  });

  it("lets each be changed and taken out", () => {
    queue.change("two", "2");
    queue.remove("one");
    expect(texts()).toEqual(["2", "three"]);
  });

  it("passes over what was emptied", () => {
    queue.change("one", " ");
    expect(queue.take()?.text).toBe("two");
    queue.remove("three");
    expect(queue.take()).toBeNull();
  });

  it("survives a reload of its tab, and a damaged record", () => {
    queue.change("two", "2");
    expect(texts(new SendQueue("c", sessionStorage))).toEqual(["one", "2", "three"]);
    sessionStorage.setItem("penstock.queue.c", "{");
    expect(texts(new SendQueue("c", sessionStorage))).toEqual([]);
  });
});
