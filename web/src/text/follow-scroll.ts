// Keeps the newest text in view until the reader moves up in any way; then never moves the reader again.

/** Nearer to the end than this counts as at the end. */
const AT_END_PX = 4;
const UPWARD_KEYS = new Set(["ArrowUp", "PageUp", "Home"]);

export class FollowScroll {
  readonly #scroller: HTMLElement;
  readonly #content: HTMLElement;
  readonly #onChange: (isFollowing: boolean) => void;
  readonly #left = new AbortController();
  readonly #resizes: ResizeObserver;
  #isFollowing = true;
  #lastTop = 0;
  #touchY: number | null = null;

  constructor(scroller: HTMLElement, content: HTMLElement, onChange: (isFollowing: boolean) => void) {
    this.#scroller = scroller;
    this.#content = content;
    this.#onChange = onChange;
    this.#resizes = new ResizeObserver(() => this.keepUp());
    this.#resizes.observe(content);
    this.#resizes.observe(scroller);
    this.#listen();
  }

  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** Goes to the newest text and follows it from now on. */
  follow(): void {
    this.#set(true);
    this.#toEnd();
  }

  /** To be called when the content has grown. */
  keepUp(): void {
    if (!this.#isFollowing) return;
    // Moved up since the last time, by what will say so only later: find-in-page scrolls first and tells then.
    if (this.#scroller.scrollTop < this.#lastTop - 1 && !this.#isAtEnd()) this.#release();
    else this.#toEnd();
  }

  #isAtEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    return scrollHeight - clientHeight - scrollTop <= AT_END_PX;
  }

  #toEnd(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#lastTop = this.#scroller.scrollTop;
  }

  close(): void {
    this.#left.abort();
    this.#resizes.disconnect();
  }

  #listen(): void {
    const options = { passive: true, signal: this.#left.signal };
    const scroller = this.#scroller;
    // Capturing, because a code block under the pointer is a scroller of its own.
    scroller.addEventListener("wheel", (event) => event.deltaY < 0 && this.#release(), {
      ...options,
      capture: true,
    });
    scroller.addEventListener("touchstart", (event) => this.#onTouch(event), options);
    scroller.addEventListener("touchmove", (event) => this.#onTouch(event), options);
    scroller.addEventListener("scroll", () => this.#onScroll(), options);
    const { ownerDocument } = scroller;
    ownerDocument.addEventListener("keydown", (event) => this.#onKey(event), options);
    ownerDocument.addEventListener("selectionchange", () => this.#onSelection(), options);
  }

  #onTouch(event: TouchEvent): void {
    const y = event.touches[0]?.clientY ?? null;
    if (event.type === "touchmove" && y !== null && this.#touchY !== null && y > this.#touchY)
      this.#release();
    this.#touchY = y;
  }

  /** A key moves the page unless it is meant for a text box. */
  #onKey(event: KeyboardEvent): void {
    const isUpward = UPWARD_KEYS.has(event.key) || (event.key === " " && event.shiftKey);
    const target = event.target as HTMLElement | null;
    if (isUpward && target?.closest("textarea, input, select, [role=menu]") === null) this.#release();
  }

  #onSelection(): void {
    const selection = this.#scroller.ownerDocument.getSelection();
    if (selection === null || selection.isCollapsed) return;
    if (this.#content.contains(selection.anchorNode)) this.#release();
  }

  /** Catches what no gesture told of: the scrollbar, find-in-page, assistive technology. */
  #onScroll(): void {
    const { scrollTop } = this.#scroller;
    // Most often it is what following itself has done; asking for more would cost a layout.
    if (scrollTop === this.#lastTop) return;
    const isDownward = scrollTop > this.#lastTop;
    const isUpward = scrollTop < this.#lastTop - 1;
    this.#lastTop = scrollTop;
    const isAtEnd = this.#isAtEnd();
    if (isAtEnd && isDownward) this.#set(true);
    else if (!isAtEnd && isUpward) this.#release();
  }

  #release(): void {
    if (this.#scroller.scrollHeight > this.#scroller.clientHeight) this.#set(false);
  }

  #set(isFollowing: boolean): void {
    if (isFollowing === this.#isFollowing) return;
    this.#isFollowing = isFollowing;
    this.#onChange(isFollowing);
  }
}
