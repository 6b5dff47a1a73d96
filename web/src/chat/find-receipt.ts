// The receipt of a stop that this page did not make, or does not remember.

import type { Api, Receipt } from "../wire/api";
import type { Message } from "../wire/types/messages";

/** What the server knows of the stop of an answer: not how long it took. Null when there is none, or it cannot be read. */
export async function findReceipt(api: Api, { status, detail, run_id }: Message): Promise<Receipt | null> {
  if (run_id === undefined || status !== "stopped" || detail !== "user") return null;
  try {
    const { upstream_closed = null, usage = null, cost = null } = await api.showRun(run_id);
    return { status, upstream_closed, stop_ms: 0, usage, cost };
  } catch {
    return null;
  }
}
