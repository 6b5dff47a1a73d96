// Copying to the clipboard, also where the page has no right to the modern way (plain http).

import { strings } from "../strings/language";
import { tableToCsv } from "./table-csv";

/** Copies; false when the browser refused. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "visually-hidden";
  document.body.append(box);
  box.select();
  const isCopied = document.execCommand("copy");
  box.remove();
  return isCopied;
}

/** What a copy button in an answer copies; null when it is none. */
function contentOf(button: HTMLElement): string | null {
  const figure = button.closest("figure");
  if ("copyCode" in button.dataset) return figure?.querySelector("code")?.textContent ?? null;
  const table = figure?.querySelector("table");
  return table === null || table === undefined ? null : tableToCsv(table);
}

/** Answers clicks on the copy buttons of code blocks and tables anywhere below; gives the way to stop that. */
export function listenForCopies(root: HTMLElement, onCopied: (words: string) => void): () => void {
  const onClick = (event: MouseEvent) => {
    const target = event.target as Element | null;
    const button = target?.closest<HTMLElement>("[data-copy-code], [data-copy-table]") ?? null;
    const content = button === null ? null : contentOf(button);
    if (button === null || content === null) return;
    void copyText(content).then((isCopied) => {
      const words = isCopied ? strings().copied : strings().notCopied;
      flash(button, words);
      onCopied(words);
    });
  };
  root.addEventListener("click", onClick);
  return () => root.removeEventListener("click", onClick);
}

function flash(button: HTMLElement, words: string): void {
  button.textContent = words;
  setTimeout(() => {
    button.textContent = "copyCode" in button.dataset ? strings().copy : strings().copyCsv;
  }, 1500);
}
