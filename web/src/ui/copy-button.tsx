import { useState } from "preact/hooks";
import { announce } from "../chat/announcement";
import { strings } from "../strings/language";
import { copyText } from "../text/copy-text";
import { CopyIcon, DoneIcon } from "./icons";

export function CopyButton({ text, label }: { text: () => string; label: string }) {
  const [isCopied, setCopied] = useState(false);

  const onClick = async () => {
    const isDone = await copyText(text());
    setCopied(isDone);
    announce(isDone ? strings().copied : strings().notCopied);
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
