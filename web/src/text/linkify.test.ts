import { describe, expect, it } from "vitest";
import { LinkifyIt } from "./linkify";

const linkify = new LinkifyIt();
const links = (text: string) => linkify.match(text).map(({ url }) => url);

describe("addresses in plain text", () => {
  it.each([
    ["see https://example.org/a?b=c#d.", ["https://example.org/a?b=c#d"]],
    ["(https://example.org/x_(y))", ["https://example.org/x_(y)"]],
    ["[https://example.org]", ["https://example.org"]],
    ["http://localhost:8000/, http://[::1]/!", ["http://localhost:8000/", "http://[::1]/"]],
    ["https://müller.example/straße", ["https://müller.example/straße"]],
    ["mailto:ann@example.org, mailto:nobody", ["mailto:ann@example.org"]],
    ["javascript:alert(1) ftp://a.example //b.example c.example d@e.example", []],
    ["xhttps://example.org https:// http://?", []],
    ["**https://example.org**", ["https://example.org"]],
  ])("are found in %s", (text, found) => {
    expect(links(text)).toEqual(found);
    expect(linkify.test(text)).toBe(/https?:\/\/[^\s]|mailto:/.test(text));
  });

  it("are found at the start only when they are there", () => {
    expect(linkify.matchAtStart("https://a.example b")?.url).toBe("https://a.example");
    expect(linkify.matchAtStart("see https://a.example")).toBeNull();
  });

  it("cost as much as the text is long", () => {
    const long = `https://a.example/${")".repeat(20_000)}`;
    expect(links(long)).toEqual(["https://a.example/"]);
  });
});
