// Copying to the clipboard, also where the page has no right to the modern way (plain http).

import { strings } from "../strings/language";

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

/** Answers clicks on the copy buttons of code blocks anywhere below the element; gives the way to stop that. */
export function listenForCodeCopies(root: HTMLElement, onCopied: (words: string) => void): () => void {
  const onClick = (event: MouseEvent) => {
    const button = (event.target as Element | null)?.closest<HTMLElement>("[data-copy-code]");
    const code = button?.closest("figure")?.querySelector("code");
    if (button === null || button === undefined || code === null || code === undefined) return;
    void copyText(code.textContent ?? "").then((isCopied) => {
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
    button.textContent = strings().copy;
  }, 1500);
}
