// A small menu on native details: opens on click, closes on choice, Escape, or a click elsewhere. Its panel is a popover:
// nothing that scrolls or contains its paint cuts it off.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

interface MenuProps {
  label: string;
  class?: string;
  summary: ComponentChildren;
  children: ComponentChildren;
}

const ITEMS = "[role=menuitem], [role=menuitemradio]";

/** Where a key leads among so many items from the current one, -1 before the first. */
const STEPS: Readonly<Record<string, (current: number, count: number) => number>> = {
  ArrowDown: (current, count) => (current + 1) % count,
  ArrowUp: (current, count) => (Math.max(current, 0) - 1 + count) % count,
  Home: () => 0,
  End: (_current, count) => count - 1,
};

/** Gives the item that a key leads to: by arrows, or by the letter that its words begin with. */
function itemOf(menu: HTMLElement, key: string): HTMLElement | undefined {
  const items = [...menu.querySelectorAll<HTMLElement>(ITEMS)];
  const current = items.indexOf(document.activeElement as HTMLElement);
  const step = STEPS[key];
  if (step !== undefined) return items[step(current, items.length)];
  if (key.length !== 1 || key === " ") return undefined;
  const behind = [...items.slice(current + 1), ...items.slice(0, current + 1)];
  return behind.find((item) => item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()));
}

const DISTANCE_PX = 4;
const MARGIN_PX = 8;

/** Shows the panel under what opens it, or over it where there is more room, inside of the window. */
function show(menu: HTMLDetailsElement): void {
  const panel = menu.querySelector<HTMLElement>(".menu-panel");
  const opener = menu.querySelector("summary")?.getBoundingClientRect();
  if (panel === null || opener === undefined) return;
  if (!panel.matches(":popover-open")) panel.showPopover();
  const { width, height } = panel.getBoundingClientRect();
  const below = opener.bottom + DISTANCE_PX;
  const above = opener.top - DISTANCE_PX - height;
  const top = below + height <= innerHeight - MARGIN_PX ? below : Math.max(MARGIN_PX, above);
  const left = Math.max(MARGIN_PX, Math.min(opener.left, innerWidth - width - MARGIN_PX));
  panel.style.inset = `${top}px auto auto ${left}px`;
}

/** Takes the panel away: left open it would keep the page's keys for itself. */
function hide(menu: HTMLDetailsElement): void {
  const panel = menu.querySelector<HTMLElement>(".menu-panel");
  if (panel?.matches(":popover-open")) panel.hidePopover();
}

/** Closes the open menu when its place is lost, or somebody goes on elsewhere; gives the way to stop that. */
function closeWhenLeft(menu: HTMLDetailsElement, close: () => void): () => void {
  const left = new AbortController();
  const { signal } = left;
  const onPointer = ({ target }: PointerEvent) => {
    if (!menu.contains(target as Node)) close();
  };
  // What it hangs on moves away under it.
  const onScroll = ({ target }: Event) => {
    if ((target as Node).contains(menu)) close();
  };
  window.addEventListener("resize", () => show(menu), { signal });
  document.addEventListener("pointerdown", onPointer, { signal });
  document.addEventListener("scroll", onScroll, { signal, capture: true, passive: true });
  return () => left.abort();
}

export function Menu({ label, summary, children, class: extra = "" }: MenuProps) {
  const ref = useRef<HTMLDetailsElement>(null);
  // A long conversation has hundreds of menus: a closed one has no items, and listens to nothing.
  const [isOpen, setOpen] = useState(false);

  const close = () => {
    if (!ref.current?.open) return;
    ref.current.open = false;
    hide(ref.current);
  };

  useLayoutEffect(() => {
    const menu = ref.current;
    if (menu === null || !isOpen) return;
    show(menu);
    const stop = closeWhenLeft(menu, close);
    return () => {
      stop();
      hide(menu);
    };
  }, [isOpen]);

  const onKeyDown = (event: KeyboardEvent) => {
    const menu = ref.current;
    if (menu === null || !menu.open || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      // This Escape closes the menu; it must not stop the answer as well.
      event.stopPropagation();
      close();
      menu.querySelector("summary")?.focus();
      return;
    }
    const item = itemOf(menu, event.key);
    if (item === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    item.focus();
  };

  return (
    <details
      class={`menu ${extra}`}
      ref={ref}
      onKeyDown={onKeyDown}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary aria-label={label} title={label} aria-haspopup="menu">
        {summary}
      </summary>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the buttons inside take keys; this only closes after them */}
      <div class="menu-panel" popover="manual" role="menu" aria-label={label} tabIndex={-1} onClick={close}>
        {isOpen && children}
      </div>
    </details>
  );
}
