import { expect, it } from "vitest";
import { renderSettled } from "./markdown";
import { tableToCsv } from "./table-csv";

function csvOf(markdown: string): string {
  const root = document.createElement("div");
  root.innerHTML = renderSettled(markdown, {});
  return tableToCsv(root.querySelector("table") as HTMLTableElement);
}

it("quotes commas and quotes, and leaves marks of Markdown out", () => {
  expect(csvOf('| a, b | c |\n|---|---|\n| **1** | say "x" |\n')).toBe('"a, b",c\r\n1,"say ""x"""\r\n');
});

it("keeps empty cells and the TeX of formulas", () => {
  expect(csvOf("| a | b |\n|---|---|\n| | $x^2$ |\n")).toBe("a,b\r\n,x^2\r\n");
});
