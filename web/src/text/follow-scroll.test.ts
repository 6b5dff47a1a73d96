import { beforeEach, describe, expect, it } from "vitest";
import { FollowScroll } from "./follow-scroll";

let scroller: HTMLElement;
let content: HTMLElement;
let following: FollowScroll;
let height: number;

beforeEach(() => {
  document.body.innerHTML = "<section><div><pre>code</pre></div></section>";
  scroller = document.querySelector("section") as HTMLElement;
  content = document.querySelector("div") as HTMLElement;
  height = 2000;
  let top = 0;
  Object.defineProperties(scroller, {
    clientHeight: { value: 500 },
    scrollHeight: { get: () => height },
    scrollTop: {
      get: () => top,
      set: (value: number) => {
        top = Math.max(0, Math.min(value, height - 500));
      },
    },
  });
  following = new FollowScroll(scroller, content, () => undefined);
  following.keepUp();
});

function grow(): void {
  height += 300;
  following.keepUp();
}

describe("following the newest text", () => {
  it("keeps the end in view while the text grows", () => {
    grow();
    expect(scroller.scrollTop).toBe(height - 500);
  });

  it.each<[string, () => void]>([
    [
      "a wheel over a code block",
      () => {
        content.querySelector("pre")?.dispatchEvent(new WheelEvent("wheel", { deltaY: -3, bubbles: true }));
      },
    ],
    [
      "Page Up",
      () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "PageUp", bubbles: true })),
    ],
    [
      "the scrollbar",
      () => {
        scroller.scrollTop -= 200;
        scroller.dispatchEvent(new Event("scroll"));
      },
    ],
  ])("is let go by %s, and the reader stays where they are", (_name, gesture) => {
    gesture();
    const before = scroller.scrollTop;
    grow();
    expect(following.isFollowing).toBe(false);
    expect(scroller.scrollTop).toBe(before);
  });

  it("is let go by what moves first and tells later", () => {
    scroller.scrollTop -= 200;
    const before = scroller.scrollTop;
    grow();
    expect(following.isFollowing).toBe(false);
    expect(scroller.scrollTop).toBe(before);
  });

  it("is not let go when the content shrinks", () => {
    height -= 300;
    scroller.scrollTop = height - 500;
    following.keepUp();
    expect(following.isFollowing).toBe(true);
  });

  it("is not let go by keys that are meant for a text box", () => {
    const box = document.createElement("textarea");
    document.body.append(box);
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }));
    expect(following.isFollowing).toBe(true);
  });

  it("begins again when the reader scrolls to the end", () => {
    scroller.scrollTop -= 200;
    scroller.dispatchEvent(new Event("scroll"));
    scroller.scrollTop = height;
    scroller.dispatchEvent(new Event("scroll"));
    expect(following.isFollowing).toBe(true);
  });

  it("begins again when asked to", () => {
    content.dispatchEvent(new WheelEvent("wheel", { deltaY: -3, bubbles: true }));
    following.follow();
    grow();
    expect(scroller.scrollTop).toBe(height - 500);
  });
});
