// Files that are pasted or dropped anywhere on a chat go with its next message.

interface FileHandlers {
  onPaste(event: ClipboardEvent): void;
  onDragOver(event: DragEvent): void;
  onDragLeave(event: DragEvent): void;
  onDrop(event: DragEvent): void;
}

const DROPPING = "chat-dropping";

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.some((type) => type.toLowerCase() === "files") ?? false;
}

/** Handlers for the element that takes them; it has the class `chat-dropping` while files are held over it. */
export function takesFiles(onFiles: (files: Iterable<File>) => void): FileHandlers {
  const show = (event: DragEvent, isOver: boolean) =>
    (event.currentTarget as HTMLElement).classList.toggle(DROPPING, isOver);
  return {
    onPaste: (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      // Text that was copied from an office program brings a picture of itself along.
      if (files.length === 0 || event.clipboardData?.types.includes("text/plain")) return;
      event.preventDefault();
      onFiles(files);
    },
    onDragOver: (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      show(event, true);
    },
    onDragLeave: (event) => {
      const to = event.relatedTarget as Node | null;
      if (!(event.currentTarget as HTMLElement).contains(to)) show(event, false);
    },
    onDrop: (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      show(event, false);
      onFiles([...(event.dataTransfer?.files ?? [])]);
    },
  };
}
