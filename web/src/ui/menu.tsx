// A small menu on native details: opens on click, closes on choice, Escape, or a click elsewhere.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface MenuProps {
  label: string;
  class?: string;
  summary: ComponentChildren;
  children: ComponentChildren;
}

const ITEMS = "[role=menuitem], [role=menuitemradio]";

function moveFocus(menu: HTMLElement, step: number): void {
  const items = [...menu.querySelectorAll<HTMLElement>(ITEMS)];
  const current = items.indexOf(document.activeElement as HTMLElement);
  items.at((current + step) % items.length)?.focus();
}

export function Menu({ label, summary, children, class: extra = "" }: MenuProps) {
  const ref = useRef<HTMLDetailsElement>(null);

  const close = () => {
    if (ref.current?.open) ref.current.open = false;
  };

  useEffect(() => {
    const onPointer = (event: PointerEvent) => {
      if (!ref.current?.contains(event.target as Node)) close();
    };
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    const menu = ref.current;
    if (menu === null || !menu.open) return;
    if (event.key === "Escape") {
      // This Escape closes the menu; it must not stop the answer as well.
      event.stopPropagation();
      close();
      menu.querySelector("summary")?.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      moveFocus(menu, event.key === "ArrowDown" ? 1 : -1);
    }
  };

  return (
    <details class={`menu ${extra}`} ref={ref} onKeyDown={onKeyDown}>
      <summary aria-label={label} title={label} aria-haspopup="menu">
        {summary}
      </summary>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the buttons inside take keys; this only closes after them */}
      <div class="menu-panel" role="menu" aria-label={label} tabIndex={-1} onClick={close}>
        {children}
      </div>
    </details>
  );
}
