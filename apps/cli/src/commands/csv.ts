/** What a cell may hold; null and undefined are empty. */
export type CsvValue = string | number | boolean | null | undefined;

/** A line of CSV with its line feed, quoted after RFC 4180. Numbers keep every digit. */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(cell).join(',')}\n`;
}

function cell(value: CsvValue): string {
  const text = String(value ?? '');
  // Blanks at the ends must survive readers that trim.
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
