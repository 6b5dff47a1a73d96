// Some browsers lay the keyboard over the page and tell only the visual viewport: the page is made as high as what is seen.

/** Keeps `--visible-height` to what the keyboard leaves. */
export function watchVisibleHeight(viewport: VisualViewport | null): void {
  viewport?.addEventListener("resize", () => {
    // Zoomed in, the viewport is a part of the page, and the page keeps its size.
    if (viewport.scale > 1) return;
    document.documentElement.style.setProperty("--visible-height", `${viewport.height}px`);
    // The same browsers push the page up, so that what has the focus is seen; it is seen now.
    window.scrollTo(0, 0);
  });
}
