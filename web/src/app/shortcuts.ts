// Keys that work anywhere on the page.

export interface ShortcutActions {
  /** Closes what is open over the page, else stops the answer. */
  escape(): void;
  newChat(): void;
  focusComposer(): void;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, [contenteditable]") !== null;
}

/** Esc stops, `/` goes to the composer, Ctrl/Cmd+Shift+O begins a new chat. Gives the way to stop listening. */
export function listenForShortcuts(actions: ShortcutActions): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.defaultPrevented) return;
    const isModified = event.ctrlKey || event.metaKey;
    if (event.key === "Escape" && document.querySelector("dialog[open]") === null) {
      actions.escape();
    } else if (event.key === "/" && !isModified && !isTyping(event.target)) {
      event.preventDefault();
      actions.focusComposer();
    } else if (isModified && event.shiftKey && event.key.toLowerCase() === "o") {
      event.preventDefault();
      actions.newChat();
    }
  };
  document.addEventListener("keydown", onKeyDown);
  return () => document.removeEventListener("keydown", onKeyDown);
}
