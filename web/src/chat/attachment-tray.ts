// The files that go with the next message: uploaded as soon as they are chosen, sent by their ids.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Api } from "../wire/api";
import { networkProblem, type Problem } from "../wire/problem";
import type { AttachmentPart } from "../wire/types/messages";

/** What one message may carry; the server says the same. */
const MOST_FILES = 10;

export interface TrayFile {
  readonly key: string;
  readonly name: string;
  readonly isImage: boolean;
  /** For the preview; null for what is no image. */
  readonly source: Blob | null;
  /** What the server keeps; null while it is on its way, or when it was refused. */
  readonly sent: AttachmentPart | null;
  readonly problem: Problem | null;
}

export interface TrayPorts {
  readonly api: Pick<Api, "upload" | "takeBackUpload">;
  makeId(): string;
  /** Makes an image as small as models look at it. */
  shrink(file: File): Promise<Blob>;
}

export class AttachmentTray {
  readonly #ports: TrayPorts;
  readonly #files = signal<readonly TrayFile[]>([]);
  readonly #uploads = new Map<string, AbortController>();

  /** Whether all that is there can go. */
  readonly isReady = computed(() => this.#files.value.every(({ sent }) => sent !== null));
  readonly hasImages = computed(() => this.#files.value.some(({ isImage }) => isImage));

  constructor(ports: TrayPorts) {
    this.#ports = ports;
  }

  get files(): ReadonlySignal<readonly TrayFile[]> {
    return this.#files;
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      if (this.#files.peek().length >= MOST_FILES) return;
      const isImage = file.type.startsWith("image/") && file.type !== "image/svg+xml";
      const key = this.#ports.makeId();
      const source = isImage ? file : null;
      this.#files.value = [
        ...this.#files.peek(),
        { key, name: file.name, isImage, source, sent: null, problem: null },
      ];
      void this.#upload(key, file, isImage);
    }
  }

  /** Takes a file away; what the server has of it goes too. */
  remove(key: string): void {
    this.#uploads.get(key)?.abort();
    const sent = this.#files.peek().find((file) => file.key === key)?.sent;
    this.#files.value = this.#files.peek().filter((file) => file.key !== key);
    // Nobody waits for it: what was never sent expires by itself.
    if (sent) this.#ports.api.takeBackUpload(sent.attachment_id).catch(() => undefined);
  }

  /** Gives the files for a message that is sent now, and is empty afterwards. */
  take(): readonly AttachmentPart[] {
    const parts = this.#files.peek().flatMap(({ sent }) => (sent === null ? [] : [sent]));
    this.#files.value = [];
    return parts;
  }

  /** Lays files back that were taken for a message that did not go. */
  putBack(parts: readonly AttachmentPart[]): void {
    const files = parts.map((sent) => ({
      key: sent.attachment_id,
      name: sent.name,
      isImage: sent.kind === "image",
      source: null,
      sent,
      problem: null,
    }));
    this.#files.value = [...files, ...this.#files.peek()];
  }

  async #upload(key: string, file: File, isImage: boolean): Promise<void> {
    const upload = new AbortController();
    this.#uploads.set(key, upload);
    try {
      const data = isImage ? await this.#ports.shrink(file) : file;
      const kept = await this.#ports.api.upload(data, file.name, upload.signal);
      const { id, kind, name, media_type, size_bytes } = kept;
      const sent: AttachmentPart = {
        type: "attachment",
        attachment_id: id,
        kind,
        name,
        media_type,
        size_bytes,
      };
      if (upload.signal.aborted) void this.#ports.api.takeBackUpload(id).catch(() => undefined);
      this.#change(key, { sent, isImage: kind === "image" });
    } catch (error) {
      this.#change(key, { problem: networkProblem(error) });
    } finally {
      this.#uploads.delete(key);
    }
  }

  #change(key: string, fields: Partial<TrayFile>): void {
    this.#files.value = this.#files.peek().map((file) => (file.key === key ? { ...file, ...fields } : file));
  }
}
