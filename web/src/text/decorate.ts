// Colours code and sets math in blocks that are complete. Both libraries are chunks of their own, fetched on first need.

type Highlight = (code: string, language: string) => string | null;
type SetMath = (tex: string, isDisplay: boolean) => string;

/** Above this a code block keeps plain text: one long task would be felt. */
const LONGEST_HIGHLIGHT = 60_000;

let highlighting: Promise<Highlight> | null = null;
let typesetting: Promise<SetMath> | null = null;
/** The loaded functions: what is complete after that is decorated at once, without a flash. */
let highlight: Highlight | null = null;
let setMath: SetMath | null = null;
const mathCache = new Map<string, string>();

function loadHighlight(): Promise<Highlight> {
  highlighting ??= import("./code-colours").then((module) => {
    highlight = module.highlight;
    return module.highlight;
  });
  return highlighting;
}

function loadMath(): Promise<SetMath> {
  typesetting ??= import("./math-setter").then((module) => {
    setMath = module.setMath;
    return module.setMath;
  });
  return typesetting;
}

function colour(code: HTMLElement, using: Highlight): void {
  const text = code.textContent ?? "";
  if (text.length > LONGEST_HIGHLIGHT) return;
  const html = using(text, code.dataset["language"] ?? "");
  if (html !== null) code.innerHTML = html;
  code.dataset["coloured"] = "";
}

function typeset(element: HTMLElement, using: SetMath): void {
  const tex = element.dataset["tex"] ?? "";
  const isDisplay = "display" in element.dataset;
  const key = `${isDisplay ? "d" : "i"}${tex}`;
  const html = mathCache.get(key) ?? using(tex, isDisplay);
  mathCache.set(key, html);
  element.innerHTML = html;
  element.dataset["set"] = "";
}

function whenLoaded<T>(loaded: T | null, load: () => Promise<T>, use: (loaded: T) => void): void {
  if (loaded !== null) use(loaded);
  // Offline or blocked, the plain text is still there to be read.
  else void load().then(use, () => undefined);
}

/** Decorates what is below this element and not decorated yet. */
export function decorate(root: ParentNode): void {
  const codes = [
    ...root.querySelectorAll<HTMLElement>("code[data-language]:not([data-coloured], [data-language=''])"),
  ];
  if (codes.length > 0) {
    whenLoaded(highlight, loadHighlight, (using) => {
      for (const code of codes) colour(code, using);
    });
  }
  const formulas = [...root.querySelectorAll<HTMLElement>(".math:not([data-set])")];
  if (formulas.length > 0) {
    whenLoaded(setMath, loadMath, (using) => {
      for (const formula of formulas) typeset(formula, using);
    });
  }
}

/** Colours one line of a code block that is still being written; null when that cannot be done yet. */
export function colourLine(line: string, language: string): string | null {
  if (language === "") return null;
  if (highlight === null) void loadHighlight().catch(() => undefined);
  return highlight === null ? null : highlight(line, language);
}
