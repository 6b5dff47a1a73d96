import { useRef } from "preact/hooks";
import { strings } from "../strings/language";
import { AttachIcon } from "./icons";

/** Opens the browser's choice of files. */
export function AttachButton({ onFiles }: { onFiles(files: Iterable<File>): void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        class="visually-hidden"
        multiple
        tabIndex={-1}
        aria-label={strings().chooseFiles}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          // The same file may be chosen again after it was taken back.
          event.currentTarget.value = "";
        }}
      />
      <button
        type="button"
        class="quiet"
        onClick={() => input.current?.click()}
        aria-label={strings().attachFiles}
        title={strings().attachFiles}
      >
        <AttachIcon />
      </button>
    </>
  );
}
