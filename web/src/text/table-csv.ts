// A table as comma-separated values (RFC 4180), for a spreadsheet.

function quote(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** The text of a cell; a formula as its TeX, because what is set of it says everything twice. */
function textOfCell(cell: Element): string {
  const copy = cell.cloneNode(true) as Element;
  for (const math of copy.querySelectorAll<HTMLElement>(".math"))
    math.textContent = math.dataset["tex"] ?? "";
  return (copy.textContent ?? "").trim();
}

export function tableToCsv(table: HTMLTableElement): string {
  return [...table.rows]
    .map((row) => `${[...row.cells].map((cell) => quote(textOfCell(cell))).join(",")}\r\n`)
    .join("");
}
