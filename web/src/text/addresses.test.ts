import { describe, expect, it } from "vitest";
import { renderSettled } from "./markdown";

const linkOf = (markdown: string) =>
  /href="([^"]*)"[^>]*>([^<]*)/.exec(renderSettled(markdown, {}))?.slice(1);

describe("addresses of links", () => {
  it.each([
    ["[a](https://example.org/ü?q=ß&x=%20#é)", "https://example.org/%C3%BC?q=%C3%9F&amp;x=%20#%C3%A9"],
    ["[a](<https://example.org/a b>)", "https://example.org/a%20b"],
    ["[a](http://[::1]:8000/)", "http://[::1]:8000/"],
    ["[a](https://müller.example/)", "https://müller.example/"],
    ["[a](https://example.org/100%)", "https://example.org/100%25"],
    ["[a](mailto:ann@example.org)", "mailto:ann@example.org"],
  ])("are encoded once: %s", (markdown, href) => {
    expect(linkOf(markdown)?.[0]).toBe(href);
  });

  it("are read as letters, where they are any", () => {
    expect(linkOf("https://example.org/%C3%BC")?.[1]).toBe("https://example.org/ü");
    expect(linkOf("https://example.org/%FF")?.[1]).toBe("https://example.org/%FF");
  });
});

describe("emphasis beside signs of any alphabet", () => {
  it.each(["**„Wort“**, ", "**字**。", "(**a**)€"])("is seen in %s", (markdown) => {
    expect(renderSettled(markdown, {})).toContain("<strong>");
  });
});
