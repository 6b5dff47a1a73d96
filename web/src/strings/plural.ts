// One of several forms by the number's grammar.

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** The form that the language takes for this number: `plural("en", 1, {one: "1 token", other: "1 tokens"})`. */
export function plural(language: string, count: number, forms: Forms): string {
  return forms[new Intl.PluralRules(language).select(count)] ?? forms.other;
}
