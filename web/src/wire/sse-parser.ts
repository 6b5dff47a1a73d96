// Bytes of an event stream -> frames, by the rules of the HTML standard. No I/O: text in, frames out.

export interface Frame {
  id: string;
  data: string;
}

/** Reads server-sent events from text that may be cut anywhere. */
export class SseParser {
  #rest = "";
  #data: string[] = [];
  #id = "";
  #endedWithCr = false;

  /** Takes more text and gives the frames that it completes. Comments and unknown fields are dropped. */
  feed(text: string): Frame[] {
    const frames: Frame[] = [];
    // A CR at the end of the last chunk and an LF at the start of this one are one line end.
    const chunk = this.#endedWithCr && text.startsWith("\n") ? text.slice(1) : text;
    if (text !== "") this.#endedWithCr = text.endsWith("\r");
    const all = this.#rest + chunk;
    let from = 0;
    const ends = new LineEnds(all);
    for (;;) {
      const end = ends.after(from);
      if (end < 0) break;
      const frame = this.#takeLine(all.slice(from, end));
      if (frame !== null) frames.push(frame);
      from = all[end] === "\r" && all[end + 1] === "\n" ? end + 2 : end + 1;
    }
    this.#rest = all.slice(from);
    return frames;
  }

  #takeLine(line: string): Frame | null {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return null;
  }

  #dispatch(): Frame | null {
    if (this.#data.length === 0) return null;
    const frame = { id: this.#id, data: this.#data.join("\n") };
    this.#data = [];
    return frame;
  }
}

/** Finds line ends one after another. */
class LineEnds {
  readonly #text: string;
  #cr: number;

  constructor(text: string) {
    this.#text = text;
    // Kept, because most streams have none, and each look would go through all that is left.
    this.#cr = text.indexOf("\r");
  }

  /** The first line end from this place on; -1 when there is none. */
  after(from: number): number {
    if (this.#cr >= 0 && this.#cr < from) this.#cr = this.#text.indexOf("\r", from);
    const lf = this.#text.indexOf("\n", from);
    if (this.#cr < 0) return lf;
    return lf < 0 ? this.#cr : Math.min(lf, this.#cr);
  }
}
