import { describe, expect, it } from "vitest";
import { Problem } from "../wire/problem";
import type { Attachment } from "../wire/types/conversations";
import { AttachmentTray } from "./attachment-tray";

const KEPT: Attachment = {
  id: "att_1",
  owner: "local",
  kind: "text",
  name: "notes.txt",
  media_type: "text/plain",
  size_bytes: 3,
  created_at: 1,
};
const PART = {
  type: "attachment",
  attachment_id: "att_1",
  kind: "text",
  name: "notes.txt",
  media_type: "text/plain",
  size_bytes: 3,
};

function makeTray() {
  const uploads: { name: string; data: Blob; settle: (kept: Attachment | Problem) => void }[] = [];
  const taken: string[] = [];
  let count = 0;
  const tray = new AttachmentTray({
    api: {
      upload: (data, name) =>
        new Promise((resolve, reject) => {
          const settle = (kept: Attachment | Problem) =>
            kept instanceof Problem ? reject(kept) : resolve(kept);
          uploads.push({ name, data, settle });
        }),
      takeBackUpload: async (id) => void taken.push(id),
    },
    makeId: () => {
      count += 1;
      return `file_${count}`;
    },
    shrink: async () => new Blob(["small"]),
  });
  return { tray, uploads, taken };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

describe("the files of the next message", () => {
  it("are uploaded at once and sent by their ids", async () => {
    const { tray, uploads } = makeTray();
    tray.add([new File(["abc"], "notes.txt", { type: "text/plain" })]);
    await turn();
    expect(tray.isReady.value).toBe(false);
    uploads[0]?.settle(KEPT);
    await turn();
    expect(tray.isReady.value).toBe(true);
    expect(tray.take()).toEqual([PART]);
    expect(tray.files.value).toEqual([]);
  });

  it("are made small first when they are images", async () => {
    const { tray, uploads } = makeTray();
    tray.add([new File(["a large photograph"], "cat.jpg", { type: "image/jpeg" })]);
    await turn();
    expect(tray.hasImages.value).toBe(true);
    expect(await uploads[0]?.data.text()).toBe("small");
  });

  it("say why one was refused, and hold the message back until it is gone", async () => {
    const { tray, uploads } = makeTray();
    tray.add([new File(["x"], "a.pdf")]);
    await turn();
    uploads[0]?.settle(new Problem(415, "unsupported_media_type", "neither"));
    await turn();
    expect(tray.files.value[0]?.problem?.code).toBe("unsupported_media_type");
    expect(tray.isReady.value).toBe(false);
    tray.remove(tray.files.value[0]?.key ?? "");
    expect(tray.isReady.value).toBe(true);
  });

  it("go at the server too when they are taken away, also on their way", async () => {
    const { tray, uploads, taken } = makeTray();
    tray.add([new File(["x"], "one.txt"), new File(["x"], "two.txt")]);
    await turn();
    uploads[0]?.settle(KEPT);
    await turn();
    for (const { key } of tray.files.value) tray.remove(key);
    uploads[1]?.settle({ ...KEPT, id: "att_2" });
    await turn();
    expect(taken).toEqual(["att_1", "att_2"]);
    expect(tray.files.value).toEqual([]);
  });

  it("are no more than a message may carry", async () => {
    const { tray } = makeTray();
    tray.add(Array.from({ length: 12 }, (_, number) => new File(["x"], `${number}.txt`)));
    expect(tray.files.value).toHaveLength(10);
  });

  it("lie there again when the message did not go", () => {
    const { tray } = makeTray();
    tray.putBack([PART as never]);
    expect(tray.take()).toEqual([PART]);
  });
});
