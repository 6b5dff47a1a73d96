import { describe, expect, it } from "vitest";
import { SseParser } from "./sse-parser";

const STREAM =
  ': hello\n\nid: 0\ndata: {"a":1}\n\nid: 1\r\nevent: x\r\ndata:two\r\ndata: lines\r\n\r\nid: 2\rdata: é🙂\r\r';
const FRAMES = [
  { id: "0", data: '{"a":1}' },
  { id: "1", data: "two\nlines" },
  { id: "2", data: "é🙂" },
];

describe("the parser of event streams", () => {
  it("reads a stream in one piece, with every kind of line end", () => {
    expect(new SseParser().feed(STREAM)).toEqual(FRAMES);
  });

  it("reads the same wherever the stream is cut", () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      const parser = new SseParser();
      expect([...parser.feed(STREAM.slice(0, cut)), ...parser.feed(STREAM.slice(cut))]).toEqual(FRAMES);
    }
  });

  it("reads the same character by character", () => {
    const parser = new SseParser();
    expect([...STREAM].flatMap((char) => parser.feed(char))).toEqual(FRAMES);
  });

  it("gives nothing for comments, which keep the connection alive", () => {
    expect(new SseParser().feed(": keep-alive\n\n: keep-alive\n\n")).toEqual([]);
  });
});
