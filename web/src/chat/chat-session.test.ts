import { beforeEach, describe, expect, it } from "vitest";
import { Problem } from "../wire/problem";
import { RunFollower } from "../wire/run-follower";
import type { RunEvent } from "../wire/types/events";
import type { Message } from "../wire/types/messages";
import { ChatSession } from "./chat-session";
import { FakeServer, RUN } from "./fake-server";
import { transcriptOf } from "./transcript";

const PORTS = {
  wait: () => Promise.resolve(),
  random: () => 0,
  now: () => 0,
  takePlace: (lost: AbortSignal) => Promise.resolve({ isBrief: false, lost, leave: () => undefined }),
};

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

let server: FakeServer;
let session: ChatSession;

beforeEach(() => {
  server = new FakeServer();
  let count = 0;
  session = new ChatSession(
    "conv_1",
    {
      api: server.api,
      follow: (runId, after, handlers, signal) =>
        new RunFollower(runId, after, { ...PORTS, send: server.send }, handlers).follow(signal),
      now: () => 0,
      time: () => 1,
      makeId: () => `id-${++count}`,
    },
    "new",
  );
});

const shown = () =>
  transcriptOf(session.state.value).map(({ message }) =>
    message.parts.map((part) => ("text" in part ? part.text : "")).join(""),
  );

const TEXT: RunEvent[] = [
  { type: "run-started", run_id: "run_1", message_id: "msg_a", model: "m", provider: "p" },
  { type: "step-started", index: 0 },
  { type: "text-started", part_id: "text-0" },
  { type: "text-delta", part_id: "text-0", text: "Hel" },
];

async function askAndRead(): Promise<void> {
  session.send("Question", null);
  server.accept();
  await settled();
  server.log(...TEXT);
  await settled();
}

describe("asking", () => {
  it("shows the question and a working answer before the network answers", () => {
    session.send("Question", null);
    expect(shown()).toEqual(["Question", ""]);
    expect(session.state.value.turn?.stage.name).toBe("sending");
  });

  it("makes one submit however often Enter is pressed", () => {
    for (let press = 0; press < 5; press += 1) session.send("Question", null);
    expect(server.submits).toHaveLength(1);
  });

  it("keeps a question that could not be sent, and sends it again under the same name", async () => {
    session.send("Question", null);
    const first = server.submits.shift();
    first?.settle(new Problem(0, "offline", "The server cannot be reached."));
    await settled();
    expect(shown()).toEqual(["Question"]);
    expect(transcriptOf(session.state.value)[0]?.unsent?.code).toBe("offline");
    session.retry();
    expect(server.submits[0]?.id).toBe(first?.id);
  });

  it("gives the text back to be changed", async () => {
    session.send("Question", null);
    server.submits.shift()?.settle(new Problem(0, "offline", ""));
    await settled();
    expect(session.takeBack()).toEqual({ text: "Question", files: [] });
    expect(shown()).toEqual([]);
  });

  it("shows the answer as it is written, and keeps it", async () => {
    await askAndRead();
    expect(shown()).toEqual(["Question", "Hel"]);
    server.log(
      { type: "text-delta", part_id: "text-0", text: "lo" },
      { type: "text-ended", part_id: "text-0" },
    );
    server.log(
      { type: "step-finished", index: 0, finish_reason: "stop" },
      { type: "run-finished", finish_reason: "stop" },
    );
    await settled();
    expect(shown()).toEqual(["Question", "Hello"]);
    expect(session.isBusy).toBe(false);
  });
});

describe("stopping", () => {
  it("ends the text at once: what still arrives is not shown before the end is known", async () => {
    await askAndRead();
    const stopping = session.stop();
    server.log({ type: "text-delta", part_id: "text-0", text: "lo" });
    await stopping;
    await settled();
    expect(shown()).toEqual(["Question", "Hel"]);
  });

  it("shows the receipt, and exactly what the log has", async () => {
    await askAndRead();
    await session.stop();
    server.log({ type: "text-ended", part_id: "text-0" }, { type: "run-stopped", by: "user" });
    await settled();
    expect(shown()).toEqual(["Question", "Hel"]);
    expect(transcriptOf(session.state.value)[1]?.receipt?.stop_ms).toBe(9);
  });

  it("says when nobody who writes the answer has received the stop, and goes on stopping", async () => {
    server.receipt = { status: "running", delivered: false, upstream_closed: false, stop_ms: 1500 };
    await askAndRead();
    await session.stop();
    expect(session.state.value.turn).toMatchObject({ phase: "stopping", isStopUnheard: true });
    server.log({ type: "text-ended", part_id: "text-0" }, { type: "run-stopped", by: "user" });
    await settled();
    expect(transcriptOf(session.state.value)[1]?.receipt).toBeNull();
  });

  it("shows of a stop made elsewhere what the server knows, and not how long it took", async () => {
    server.ended = { upstream_closed: true, usage: { output: 3 } };
    await askAndRead();
    server.log({ type: "text-ended", part_id: "text-0" }, { type: "run-stopped", by: "user" });
    await settled();
    const receipt = transcriptOf(session.state.value)[1]?.receipt;
    expect(receipt).toMatchObject({
      status: "stopped",
      upstream_closed: true,
      stop_ms: 0,
      usage: { output: 3 },
    });
  });

  it("works before the server has answered the submit", async () => {
    session.send("Question", null);
    await session.stop();
    server.accept();
    await settled();
    expect(server.stops).toEqual(["run_1"]);
  });
});

describe("stopping what could not be sent", () => {
  const kept: Message = {
    id: "msg_q",
    conversation_id: "conv_1",
    role: "user",
    created_at: 1,
    client_message_id: "id-1",
    parts: [{ type: "text", text: "Question" }],
  };

  async function stopAndBreakOff(): Promise<void> {
    session.send("Question", null);
    await session.stop();
    server.breakOff();
    await settled();
  }

  it("stops the run when the question had arrived all the same", async () => {
    server.messages = [kept];
    server.activeRun = { ...RUN, client_message_id: "id-1" };
    await stopAndBreakOff();
    expect(server.stops).toEqual(["run_1"]);
    expect(session.state.value.turn?.phase).toBe("stopping");
  });

  it("stops it when the network is back", async () => {
    server.isAway = true;
    await stopAndBreakOff();
    expect(server.stops).toEqual([]);
    server.isAway = false;
    server.messages = [kept];
    server.activeRun = { ...RUN, client_message_id: "id-1" };
    session.cameBack();
    await settled();
    expect(server.stops).toEqual(["run_1"]);
    expect(server.submits).toEqual([]);
  });

  it("leaves it unsent when it had not arrived, until a person sends it again", async () => {
    await stopAndBreakOff();
    session.cameBack();
    await settled();
    expect(session.state.value.turn?.phase).toBe("unsent");
    expect(server.submits).toEqual([]);
    session.retry();
    server.accept();
    await settled();
    expect(server.stops).toEqual([]);
    expect(session.state.value.turn?.phase).toBe("running");
  });

  it("sends what was not stopped when the network is back", async () => {
    session.send("Question", null);
    server.breakOff();
    await settled();
    session.cameBack();
    expect(server.submits.map(({ id }) => id)).toEqual(["id-1"]);
  });
});

describe("coming back", () => {
  const question: Message = {
    id: "msg_q",
    conversation_id: "conv_1",
    role: "user",
    created_at: 1,
    parts: [{ type: "text", text: "Question" }],
  };
  const answer: Message = {
    id: "msg_1",
    conversation_id: "conv_1",
    parent_id: "msg_q",
    role: "assistant",
    created_at: 2,
    status: "finished",
    parts: [{ type: "text", text: "first" }],
  };

  it("goes on with the answer that is being written", async () => {
    server.messages = [question];
    server.activeRun = RUN;
    await session.open();
    await settled();
    server.log(...TEXT);
    await settled();
    expect(shown()).toEqual(["Question", "Hel"]);
  });

  it("reads the receipt of a stopped answer again", async () => {
    server.ended = { upstream_closed: false };
    server.messages = [question, { ...answer, status: "stopped", detail: "user", run_id: "run_1" }];
    await session.open();
    await settled();
    expect(transcriptOf(session.state.value)[1]?.receipt).toMatchObject({
      upstream_closed: false,
      stop_ms: 0,
    });
  });

  it("shows another answer beside the first, and the way back", async () => {
    server.messages = [question, answer];
    await session.open();
    session.regenerate("msg_1", null);
    server.accept();
    await settled();
    server.log(...TEXT, { type: "text-ended", part_id: "text-0" }, { type: "run-stopped", by: "user" });
    await settled();
    const entry = transcriptOf(session.state.value)[1];
    expect(entry?.siblings).toEqual({ position: 2, count: 2, previousId: "msg_1", nextId: null });
    session.showBranch("msg_1");
    expect(shown()).toEqual(["Question", "first"]);
  });

  it("puts a question in other words beside the old one", async () => {
    server.messages = [question, answer];
    await session.open();
    expect(session.edit("msg_q", "Other words", null)).toBe(true);
    expect(shown()).toEqual(["Other words", ""]);
    session.showBranch("msg_q");
    expect(shown()).toEqual(["Question", "first"]);
  });

  it("shows the rest of an answer as one text with it", async () => {
    server.messages = [question, { ...answer, status: "stopped" }];
    await session.open();
    session.continueAnswer("msg_1", null);
    server.accept({ ...RUN, parent_id: "msg_1" });
    await settled();
    server.log(...TEXT);
    await settled();
    expect(server.continued).toEqual(["msg_1"]);
    expect(shown()).toEqual(["Question", "firstHel"]);
  });
});
