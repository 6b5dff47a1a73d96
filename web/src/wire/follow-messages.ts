// What the page and its worker say to each other about the runs that are followed.

import type { Connection, FollowEnd } from "./run-follower";
import type { RunEvent } from "./types/events";

export type ToWorker =
  | { readonly type: "follow"; readonly id: number; readonly runId: string; readonly after: number }
  | { readonly type: "leave"; readonly id: number }
  /** The page is looked at, or no more; when it is again, there is reason to try at once. */
  | { readonly type: "seen"; readonly isSeen: boolean };

export type FromWorker = { readonly id: number } & (
  | { readonly type: "events"; readonly events: readonly RunEvent[] }
  | { readonly type: "connection"; readonly connection: Connection }
  | { readonly type: "end"; readonly end: FollowEnd }
  | { readonly type: "problem"; readonly status: number; readonly code: string; readonly message: string }
);
