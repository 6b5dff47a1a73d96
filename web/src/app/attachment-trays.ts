// The files of the next message of each conversation.

import { AttachmentTray, type TrayPorts } from "../chat/attachment-tray";

const shrink = async (file: File) => (await import("./shrink-image")).shrinkImage(file);

export class AttachmentTrays {
  readonly #ports: TrayPorts;
  readonly #trays = new Map<string, AttachmentTray>();

  constructor({ api, makeId }: Omit<TrayPorts, "shrink">) {
    this.#ports = { api, makeId, shrink };
  }

  of(conversationId: string): AttachmentTray {
    const tray = this.#trays.get(conversationId) ?? new AttachmentTray(this.#ports);
    this.#trays.set(conversationId, tray);
    return tray;
  }
}
