// Feeds a text to the page's Markdown, cut at every byte, and compares what is left on the page with what comes of it whole.

import { MdStream } from "../src/text/md-stream";

const SAFE_ADDRESS = /^(?:https?:\/\/|mailto:)/i;
const NEVER =
  "script, iframe, object, embed, base, link, meta, style, form, frame, video, audio, source, portal, img, [id], [name]";
const ADDRESSES = ["href", "src", "srcset", "action", "formaction", "ping", "xlink:href", "poster", "data"];
/** The browser does what an inserted element asks for only when it gets the time. */
const PIECES_A_TURN = 40;

interface Found {
  readonly cuts: number;
  /** Cuts after which the page had other elements than without them. */
  readonly different: readonly number[];
  readonly forbidden: readonly string[];
}

function isSafe(element: Element): boolean {
  return [...element.attributes].every(({ name, value }) => {
    if (name.startsWith("on")) return false;
    return !ADDRESSES.includes(name) || SAFE_ADDRESS.test(value);
  });
}

/** What is on the page and must not be, at this moment. */
function findForbidden(root: Element): string[] {
  const found = [...root.querySelectorAll(NEVER)];
  const unsafe = [...root.querySelectorAll("*")].filter((element) => !isSafe(element));
  return [...found, ...unsafe].map((element) => element.outerHTML.slice(0, 200));
}

function place(): HTMLElement {
  const root = document.createElement("div");
  root.className = "prose";
  document.body.append(root);
  return root;
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

/** What is left on the page when the text comes in these pieces; what was forbidden on the way is added. */
function show(pieces: readonly string[], forbidden: Set<string>): string {
  const root = place();
  const stream = new MdStream(root);
  let text = "";
  for (const piece of pieces) {
    text += piece;
    stream.set(text, false);
    for (const found of findForbidden(root)) forbidden.add(found);
  }
  stream.set(text, true);
  for (const found of findForbidden(root)) forbidden.add(found);
  const left = root.innerHTML;
  root.remove();
  return left;
}

/** Waits until what colours and formulas need has come, so that from then on both are set at once. */
async function warmUp(text: string): Promise<void> {
  const root = place();
  new MdStream(root).set(text, true);
  while (root.querySelector("code[data-language=html]:not([data-coloured]), .math:not([data-set])"))
    await turn();
  root.remove();
}

/** The text as it comes when its bytes are cut here: a character that is cut is not there before it is whole. */
function cutAt(bytes: Uint8Array, places: readonly number[]): string[] {
  const decoder = new TextDecoder();
  const ends = [...places, bytes.length];
  const pieces = ends.map((end, index) =>
    decoder.decode(bytes.subarray(index === 0 ? 0 : ends[index - 1], end), { stream: true }),
  );
  return pieces.filter((piece) => piece !== "");
}

/** In two pieces, cut at every byte in turn, and once byte by byte. */
export async function splitEverywhere(text: string): Promise<Found> {
  await warmUp(text);
  const forbidden = new Set<string>();
  const bytes = new TextEncoder().encode(text);
  const whole = show([text], forbidden);
  const every = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
  const different: number[] = [];
  for (const at of every) {
    if (show(cutAt(bytes, [at]), forbidden) !== whole) different.push(at);
    if (at % PIECES_A_TURN === 0) await turn();
  }
  if (show(cutAt(bytes, every), forbidden) !== whole) different.push(-1);
  await turn();
  return { cuts: every.length + 1, different, forbidden: [...forbidden] };
}
