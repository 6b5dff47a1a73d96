// Brings a message that a search found into view, and marks its words until the next one is found.

const PATIENCE_MS = 5000;
const MOST_MARKS = 200;

/** Waits until the message is on the page: older ones come after the newest. */
function find(messageId: string): Promise<HTMLElement | null> {
  const look = () => document.getElementById(`message-${messageId}`);
  return new Promise((resolve) => {
    const there = look();
    if (there !== null) return resolve(there);
    const observer = new MutationObserver(() => {
      const come = look();
      if (come !== null) finish(come);
    });
    const timer = setTimeout(() => finish(null), PATIENCE_MS);
    function finish(found: HTMLElement | null) {
      clearTimeout(timer);
      observer.disconnect();
      resolve(found);
    }
    observer.observe(document.body, { childList: true, subtree: true });
  });
}

function rangesOf(root: HTMLElement, words: readonly string[]): Range[] {
  const ranges: Range[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = (node.nodeValue ?? "").toLowerCase();
    for (const word of words) {
      for (
        let at = text.indexOf(word);
        at >= 0 && ranges.length < MOST_MARKS;
        at = text.indexOf(word, at + 1)
      ) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, Math.min(at + word.length, node.nodeValue?.length ?? 0));
        ranges.push(range);
      }
    }
  }
  return ranges;
}

export async function revealMessage(messageId: string, query: string): Promise<void> {
  const message = await find(messageId);
  if (message === null) return;
  const ranges = rangesOf(message, query.toLowerCase().split(/\s+/).filter(Boolean));
  // Marks beside the text: the elements of a message belong to its renderer.
  CSS.highlights?.set("found", new Highlight(...ranges));
  const place = ranges[0]?.startContainer.parentElement ?? message;
  // After the paint in which the transcript keeps its newest text in view.
  requestAnimationFrame(() => place.scrollIntoView({ block: "center" }));
}
