// A server for tests of what talks to one.

import type { Accepted, Api, Receipt } from "../wire/api";
import { Problem } from "../wire/problem";
import type { Run } from "../wire/types/conversations";
import type { RunEvent } from "../wire/types/events";
import type { Message } from "../wire/types/messages";

export const RUN: Run = {
  id: "run_1",
  owner: "local",
  message_id: "msg_a",
  parent_id: "msg_q",
  model: "m",
  created_at: 1,
};

/** A server in a few lines: submits wait until they are answered, and logs are written event by event. */
export class FakeServer {
  submits: { id: string; settle: (accepted: Accepted | Problem) => void }[] = [];
  stops: string[] = [];
  receipt: Receipt = { status: "stopped", upstream_closed: true, stop_ms: 9 };
  /** What is kept of the run once it has ended. */
  ended: Partial<Run> = {};
  continued: string[] = [];
  messages: Message[] = [];
  activeRun: Run | null = null;
  /** Nothing is read of it. */
  isAway = false;
  #logs: ((text: string) => void)[] = [];
  #seq = 0;

  readonly api = {
    openConversation: async () => {
      if (this.isAway) throw new Problem(0, "offline", "");
      return {
        conversation: { id: "conv_1", owner: "local", created_at: 1, updated_at: 1 },
        messages: this.messages,
        active_run: this.activeRun,
      };
    },
    submit: (_id: string, submit: { client_message_id: string }) => this.#take(submit.client_message_id),
    regenerate: (_id: string, _mid: string, submit: { client_message_id: string }) =>
      this.#take(submit.client_message_id),
    continueAnswer: (_id: string, mid: string, submit: { client_message_id: string }) => {
      this.continued.push(mid);
      return this.#take(submit.client_message_id);
    },
    stop: async (runId: string): Promise<Receipt> => {
      this.stops.push(runId);
      return this.receipt;
    },
    showRun: async (): Promise<Run> => ({ ...RUN, ...this.ended }),
  } as unknown as Api;

  readonly send = (async () => {
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#logs.push((text) => controller.enqueue(encoder.encode(text)));
      },
    });
    return new Response(body);
  }) as typeof fetch;

  accept(run: Run = RUN): void {
    this.submits.shift()?.settle({ run, message_id: run.message_id, user_message_id: "msg_q" });
  }

  /** Breaks the connection of the oldest submit. */
  breakOff(): void {
    this.submits.shift()?.settle(new Problem(0, "offline", ""));
  }

  log(...events: RunEvent[]): void {
    for (const event of events) {
      for (const write of this.#logs) write(`id: ${this.#seq}\ndata: ${JSON.stringify(event)}\n\n`);
      this.#seq += 1;
    }
  }

  #take(id: string): Promise<Accepted> {
    return new Promise((resolve, reject) => {
      const settle = (answer: Accepted | Problem) =>
        answer instanceof Problem ? reject(answer) : resolve(answer);
      this.submits.push({ id, settle });
    });
  }
}
