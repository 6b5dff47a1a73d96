// The files of the next message, over the box: previews, what is on its way, what was refused, and the way to take one back.

import { useEffect, useState } from "preact/hooks";
import type { TrayFile } from "../chat/attachment-tray";
import { problemTrouble } from "../chat/trouble";
import { strings } from "../strings/language";
import { CloseIcon, FileIcon } from "./icons";

interface FileTrayProps {
  files: readonly TrayFile[];
  /** Why the chosen model cannot take them; null when it can. */
  warning: string | null;
  onRemove(key: string): void;
}

function Preview({ file }: { file: TrayFile }) {
  const [url, setUrl] = useState<string | null>(null);
  const { source, sent } = file;
  useEffect(() => {
    if (source === null) return;
    const made = URL.createObjectURL(source);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [source]);
  const kept = file.isImage && sent !== null ? `/api/attachments/${sent.attachment_id}` : null;
  const shown = url ?? kept;
  return shown === null ? <FileIcon /> : <img src={shown} alt="" />;
}

function statusOf({ sent, problem }: TrayFile): string | null {
  if (problem !== null) return problem.message === "" ? problemTrouble(problem).title : problem.message;
  return sent === null ? strings().uploading : null;
}

export function FileTray({ files, warning, onRemove }: FileTrayProps) {
  if (files.length === 0) return null;
  return (
    <section class="file-tray" aria-label={strings().attachedFiles}>
      <ul>
        {files.map((file) => {
          const status = statusOf(file);
          return (
            <li key={file.key} class={file.problem === null ? "tray-file" : "tray-file tray-file-refused"}>
              <Preview file={file} />
              <span class="tray-words">
                <span class="tray-name">{file.name}</span>
                {status !== null && <small role={file.problem === null ? "status" : "alert"}>{status}</small>}
              </span>
              <button
                type="button"
                class="quiet"
                onClick={() => onRemove(file.key)}
                aria-label={strings().removeFile(file.name)}
              >
                <CloseIcon />
              </button>
            </li>
          );
        })}
      </ul>
      {warning !== null && (
        <p role="alert" class="tray-warning">
          {warning}
        </p>
      )}
    </section>
  );
}
