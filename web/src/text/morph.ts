// Makes what is shown like what was rendered, and touches only what differs: a selection and the focus stay.

import morphdom from "morphdom";

const OPTIONS = { onBeforeElUpdated: (from: Element, to: Element) => !from.isEqualNode(to) };

/** Makes an element like another one. */
export function morph(from: Element, to: Element): void {
  morphdom(from, to, OPTIONS);
}

/** Makes the child elements behind the given one, or all, like those. What is before it costs nothing. */
export function morphChildren(parent: Element, after: Element | null, wanted: readonly Element[]): void {
  let shown = after === null ? parent.firstElementChild : after.nextElementSibling;
  for (const element of wanted) {
    const next = shown?.nextElementSibling ?? null;
    if (shown === null) parent.append(element);
    else morph(shown, element);
    shown = next;
  }
  while (shown !== null) {
    const next = shown.nextElementSibling;
    shown.remove();
    shown = next;
  }
}
