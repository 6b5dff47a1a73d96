// The files that a message carries.

import { strings } from "../strings/language";
import type { AttachmentPart, Message } from "../wire/types/messages";
import { FileIcon } from "./icons";

function SentFile({ file }: { file: AttachmentPart }) {
  const at = `/api/attachments/${file.attachment_id}`;
  if (file.kind === "image") {
    return (
      <a href={at} target="_blank" rel="noopener" aria-label={strings().openFile(file.name)}>
        <img src={at} alt={file.name} />
      </a>
    );
  }
  return (
    <a href={at} download={file.name} class="sent-text">
      <FileIcon /> {file.name}
    </a>
  );
}

export function SentFiles({ message }: { message: Message }) {
  const files = message.parts.filter((part): part is AttachmentPart => part.type === "attachment");
  if (files.length === 0) return null;
  return (
    <ul class="sent-files" aria-label={strings().attachedFiles}>
      {files.map((file) => (
        <li key={file.attachment_id}>
          <SentFile file={file} />
        </li>
      ))}
    </ul>
  );
}
