import { afterEach, describe, expect, it } from "vitest";
import { chooseLanguage, chosenLanguage, language, pickLocale, strings } from "./language";

afterEach(() => chooseLanguage("en", localStorage));

describe("the page's language", () => {
  it.each([
    [null, ["fr-FR", "de-AT", "en"], ["de", "de-AT"]],
    [null, ["fr-FR"], ["en", "en"]],
    ["de", ["en-GB", "de-CH"], ["de", "de-CH"]],
    ["de", ["en-GB"], ["de", "de"]],
  ] as const)("for the choice %s and the browser's %j is %j", (chosen, preferred, picked) => {
    expect(pickLocale(chosen, preferred)).toEqual(picked);
  });

  it("changes when a person chooses, and stays so", async () => {
    await chooseLanguage("de", localStorage);
    expect(strings().send).toBe("Senden");
    expect([language(), chosenLanguage(localStorage), document.documentElement.lang]).toEqual([
      "de",
      "de",
      "de",
    ]);
  });

  it("is the browser's again when the choice is taken back", async () => {
    await chooseLanguage("de", localStorage);
    await chooseLanguage(null, localStorage);
    expect([language(), chosenLanguage(localStorage)]).toEqual(["en", null]);
  });
});
