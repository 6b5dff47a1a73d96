// What the page and its worker say to each other about the runs that are followed.

import type { RunEvent } from "./events";
import type { Connection, FollowEnd } from "./run-follower";

export type ToWorker =
  | { readonly type: "follow"; readonly id: number; readonly runId: string; readonly after: number }
  | { readonly type: "leave"; readonly id: number }
  /** There is reason to try again at once: the page is looked at again. */
  | { readonly type: "hope" };

export type FromWorker = { readonly id: number } & (
  | { readonly type: "events"; readonly events: readonly RunEvent[] }
  | { readonly type: "connection"; readonly connection: Connection }
  | { readonly type: "end"; readonly end: FollowEnd }
  | { readonly type: "problem"; readonly status: number; readonly code: string; readonly message: string }
);
