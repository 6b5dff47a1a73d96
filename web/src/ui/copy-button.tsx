import { useState } from "preact/hooks";
import { strings } from "../strings/language";
import { copyText } from "../text/copy-text";
import { CopyIcon, DoneIcon } from "./icons";

export function CopyButton({ text, label }: { text: () => string; label: string }) {
  const [isCopied, setCopied] = useState(false);

  const onClick = async () => {
    setCopied(await copyText(text()));
    setTimeout(() => setCopied(false), 1500);
  };

  return (
    <button
      type="button"
      class="quiet"
      onClick={onClick}
      aria-label={isCopied ? strings().copied : label}
      title={label}
    >
      {isCopied ? <DoneIcon /> : <CopyIcon />}
    </button>
  );
}
