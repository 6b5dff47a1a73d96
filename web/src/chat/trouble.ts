// Errors in words, each with the next step.

import { strings } from "../strings/language";
import type { Problem } from "../wire/problem";
import type { Message } from "../wire/types/messages";
import type { Failure, FinishReason } from "../wire/types/values";

export interface Trouble {
  readonly title: string;
  /** What the service or the server said. */
  readonly detail: string;
  readonly nextStep: string;
  readonly tone: "error" | "notice";
}

function words(code: string): readonly [title: string, nextStep: string] {
  return strings().errors[code] ?? strings().otherError;
}

function failureTrouble(failure: Failure): Trouble {
  const [title, nextStep] = words(failure.code);
  return { title, detail: failure.message, nextStep, tone: "error" };
}

/** Nothing can be sent or read until the network is back; nothing is lost either. */
export function offlineTrouble(): Trouble {
  const said = strings();
  return { title: said.offline, detail: said.offlineDetail, nextStep: said.offlineStep, tone: "notice" };
}

/** The server is not to blame, and who reads cannot mend it: the words are for who keeps the proxy. */
export function heldBackTrouble(): Trouble {
  const said = strings();
  return { title: said.heldBack, detail: said.heldBackDetail, nextStep: said.heldBackStep, tone: "notice" };
}

export function problemTrouble(problem: Problem): Trouble {
  const [title, nextStep] = words(problem.code);
  const said = strings();
  const silent = problem.status === 0 ? said.serverUnreachable : said.serverAnswered(problem.status);
  return { title, detail: problem.message || silent, nextStep, tone: "error" };
}

/** The sentence under this name; the last one when there is none. */
function oneOf(
  sentences: Readonly<Record<string, string>>,
  name: string | undefined,
  otherwise: string,
): string {
  return sentences[name ?? ""] ?? otherwise;
}

function finishWords(reason: FinishReason | undefined): readonly [title: string, nextStep: string] | null {
  const said = strings();
  if (reason === "length") return [said.lengthReached, said.lengthStep];
  return reason === "content-filter" ? [said.filterEnded, said.filterStep] : null;
}

/** Categories that the content filter acted on, in words. */
function filteredCategories(message: Message): string[] {
  const names = (message.filters ?? []).flatMap((filter) =>
    Object.entries(filter.verdicts ?? {})
      .filter(([, verdict]) => verdict.filtered)
      .map(([name]) => strings().filterNames[name] ?? name.replaceAll("_", " ")),
  );
  return [...new Set(names)];
}

/** Whether other words could help, and the same ones would not. */
export function isFiltered({ failure, finish_reason }: Message): boolean {
  return failure?.code === "content_filter" || finish_reason === "content-filter";
}

/** What has to be said under an answer that did not simply finish; null when all is well. */
export function answerTrouble(message: Message): Trouble | null {
  const said = strings();
  if (message.status === "failed" && message.failure !== undefined)
    return withCategories(message, failureTrouble(message.failure));
  if (message.status === "interrupted") {
    const detail = oneOf(said.interruptedCauses, message.detail, said.interruptedCauses.unknown);
    return { title: said.interrupted, detail, nextStep: said.interruptedStep, tone: "notice" };
  }
  if (message.status === "stopped" && message.detail !== "user") {
    const detail = oneOf(said.stoppedBy, message.detail, "");
    return { title: said.stoppedByOther, detail, nextStep: said.keptText, tone: "notice" };
  }
  const finish = finishWords(message.finish_reason);
  if (message.status !== "finished" || finish === null) return null;
  return withCategories(message, { title: finish[0], detail: "", nextStep: finish[1], tone: "notice" });
}

function withCategories(message: Message, trouble: Trouble): Trouble {
  const categories = filteredCategories(message);
  if (categories.length === 0) return trouble;
  const detail = `${trouble.detail} ${strings().filterCategories(categories)}`.trim();
  return { ...trouble, detail };
}
