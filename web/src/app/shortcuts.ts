// Keys that work anywhere on the page: one table for what listens and for what lists them.

import { strings } from "../strings/language";
import type { ShortcutWords } from "../ui/shortcuts-dialog";

export interface ShortcutActions {
  /** Closes what is open over the page, else stops the answer. */
  escape(): void;
  newChat(): void;
  search(): void;
  focusComposer(): void;
  copyCode(): void;
  help(): void;
}

interface Shortcut {
  readonly action: keyof ShortcutActions;
  readonly keys: readonly string[];
  /** Ctrl (or Cmd) and Shift with the key, or the key alone outside of boxes that take text. */
  readonly isModified: boolean;
  /** As they are printed on the keys. */
  readonly printed: string;
}

const SHORTCUTS: readonly Shortcut[] = [
  { action: "focusComposer", keys: ["/"], isModified: false, printed: "/" },
  { action: "newChat", keys: ["o"], isModified: true, printed: "O" },
  { action: "search", keys: ["f"], isModified: true, printed: "F" },
  // Shift makes another letter of the same key, and which one depends on the keyboard.
  { action: "copyCode", keys: [";", ":", ","], isModified: true, printed: ";" },
  { action: "escape", keys: ["escape"], isModified: false, printed: "Esc" },
  { action: "help", keys: ["?"], isModified: false, printed: "?" },
];

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);
const MODIFIERS = isApple ? ["⌘", "⇧"] : ["Ctrl", "Shift"];

/** What the help lists; the last ones belong to the box and are heard there. */
export function shortcutWords(): ShortcutWords[] {
  const words = strings().shortcuts;
  const listed = SHORTCUTS.map(({ action, isModified, printed }) => ({
    what: words[action],
    keys: isModified ? [...MODIFIERS, printed] : [printed],
  }));
  return [
    ...listed,
    { what: words.editLast, keys: ["↑"] },
    { what: words.send, keys: ["Enter"] },
    { what: words.newLine, keys: [...MODIFIERS.slice(1), "Enter"] },
  ];
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, [contenteditable]") !== null;
}

function isPressed({ keys, isModified }: Shortcut, event: KeyboardEvent): boolean {
  if (event.altKey || !keys.includes(event.key.toLowerCase())) return false;
  const hasModifier = event.ctrlKey || event.metaKey;
  if (isModified) return hasModifier && event.shiftKey;
  return !hasModifier && (event.key === "Escape" || !isTyping(event.target));
}

/** Calls the action of the shortcut that is pressed. Gives the way to stop listening. */
export function listenForShortcuts(actions: ShortcutActions): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    // What is open over the page has the keys for itself.
    if (
      event.isComposing ||
      event.defaultPrevented ||
      document.querySelector("dialog[open], :popover-open") !== null
    )
      return;
    const pressed = SHORTCUTS.find((shortcut) => isPressed(shortcut, event));
    if (pressed === undefined) return;
    event.preventDefault();
    actions[pressed.action]();
  };
  document.addEventListener("keydown", onKeyDown);
  return () => document.removeEventListener("keydown", onKeyDown);
}
