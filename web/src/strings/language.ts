// The language of the page: the person's choice, else the first that the browser asks for and the page speaks.

import { signal } from "@preact/signals";
import { english, type Strings } from "./english";

/** English comes with the page; the others when they are wanted. */
const LOADERS = {
  en: async (): Promise<Strings> => english,
  de: async () => (await import("./german")).german,
};

export type Language = keyof typeof LOADERS;

const CHOSEN_LANGUAGE = "penstock.language";

interface Spoken {
  readonly language: Language;
  /** With the region, which writes its own dates and numbers: de-AT. */
  readonly locale: string;
  readonly strings: Strings;
}

const spoken = signal<Spoken>({ language: "en", locale: "en-US", strings: english });

/** Every word of the page, in its language. A component that reads it is rendered again when the language changes. */
export function strings(): Strings {
  return spoken.value.strings;
}

export function language(): Language {
  return spoken.value.language;
}

export function locale(): string {
  return spoken.value.locale;
}

function isLanguage(name: string | null): name is Language {
  return name !== null && Object.hasOwn(LOADERS, name);
}

/** The person's choice; null when the browser decides. */
export function chosenLanguage(storage: Pick<Storage, "getItem">): Language | null {
  const chosen = storage.getItem(CHOSEN_LANGUAGE);
  return isLanguage(chosen) ? chosen : null;
}

/** The choice, else the first of the browser's languages that the page has, else English; with its locale. */
export function pickLocale(chosen: Language | null, preferred: readonly string[]): [Language, string] {
  const languageOf = (tag: string) => tag.toLowerCase().split("-")[0] ?? "";
  const match = preferred.find((tag) =>
    chosen === null ? isLanguage(languageOf(tag)) : languageOf(tag) === chosen,
  );
  if (match === undefined) return [chosen ?? "en", chosen ?? "en"];
  return [languageOf(match) as Language, match];
}

/** Speaks the language that is chosen or preferred; stays with the old one when it cannot be fetched. */
export async function speak(storage: Pick<Storage, "getItem">): Promise<void> {
  const [language, locale] = pickLocale(chosenLanguage(storage), navigator.languages);
  try {
    spoken.value = { language, locale, strings: await LOADERS[language]() };
    document.documentElement.lang = language;
  } catch {
    // Offline: the words that are there are better than none.
  }
}

/** Takes a person's choice, null to let the browser decide again. */
export async function chooseLanguage(chosen: Language | null, storage: Storage): Promise<void> {
  if (chosen === null) storage.removeItem(CHOSEN_LANGUAGE);
  else storage.setItem(CHOSEN_LANGUAGE, chosen);
  await speak(storage);
}
