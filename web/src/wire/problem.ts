// What went wrong with a call, as the server's problem JSON says it, or as the network did.

/** A call that failed. `status` is 0 when no answer came; the message is what the server said, empty when nothing. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** When the server will take it again (milliseconds of the wall clock); null when it did not say. */
  readonly retryAt: number | null;

  constructor(status: number, code: string, message: string, retryAt: number | null = null) {
    super(message);
    this.retryAt = retryAt;
    this.name = "Problem";
    this.status = status;
    this.code = code;
  }
}

/** Reads an error answer: problem JSON when it is one, else the status alone. */
export async function readProblem(response: Response): Promise<Problem> {
  const wait = Number(response.headers.get("Retry-After") ?? "");
  const retryAt = wait > 0 ? Date.now() + wait * 1000 : null;
  try {
    const body = (await response.json()) as { code?: unknown; detail?: unknown; title?: unknown };
    const code = typeof body.code === "string" ? body.code : `http_${response.status}`;
    const words = [body.detail, body.title].find((part) => typeof part === "string" && part !== "");
    return new Problem(response.status, code, typeof words === "string" ? words : "", retryAt);
  } catch {
    return new Problem(response.status, `http_${response.status}`, "", retryAt);
  }
}

/** Turns whatever `fetch` threw into a `Problem`. */
export function networkProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, "offline", "");
}
