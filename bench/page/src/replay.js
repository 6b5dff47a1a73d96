// Plays an answer at a rate and hands the text so far to a renderer once per frame: what a careful page does.

/** Offers `replay` to the bench; `make(root)` gives `render(text, isDone)`. */
export function offer(make) {
  window.replay = (answer, tokenChars, tokensPerSecond) =>
    new Promise((resolve) => {
      const root = document.createElement("div");
      document.body.replaceChildren(root);
      const render = make(root);
      const started = performance.now();
      let shown = 0;
      // Rendered inside the callback: what runs behind an `await` of a frame is not counted as script by the browser.
      const onFrame = (now) => {
        const tokens = Math.max(0, Math.floor(((now - started) * tokensPerSecond) / 1000));
        const due = Math.min(answer.length, tokens * tokenChars);
        if (due > shown) {
          shown = due;
          render(answer.slice(0, shown), shown === answer.length);
        }
        if (shown < answer.length) requestAnimationFrame(onFrame);
        else setTimeout(() => resolve(root.innerText.length), 100);
      };
      requestAnimationFrame(onFrame);
    });
}
