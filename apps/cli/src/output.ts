import { formatTable } from './terminal/table.js';
import type { TableColumn } from './terminal/table.js';

/** A column of a listing: what people read on a terminal, and what programs read in a pipe. */
export interface Field<Row> extends TableColumn {
  /** The exact value; null and undefined are empty cells. */
  readonly value: (row: Row) => string | number | boolean | null | undefined;
  /** The value as people read it, where that differs. */
  readonly human?: (row: Row) => string;
}

/** Writes data to stdout; resolves when the reader can take more. */
export function print(text: string): Promise<void> {
  return printBytes(text);
}

/** The same, with bytes as they are. */
export async function printBytes(bytes: string | Uint8Array): Promise<void> {
  if (process.stdout.write(bytes)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

/** Writes a line for people to stderr. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Prints one JSON document. Numbers JSON does not know are the strings `NaN`, `Infinity` and `-Infinity`. */
export async function printJson(document: unknown): Promise<void> {
  await print(`${toJson(document, 2)}\n`);
}

/** JSON of a document, numbers JSON does not know as strings. */
export function toJson(document: unknown, indent = 0): string {
  return JSON.stringify(document, (_key, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : typeof value === 'bigint' ? Number(value) : value), indent);
}

/** Prints rows: a table on a terminal, tab-separated values with a line of titles in a pipe. */
export async function printRows<Row>(rows: readonly Row[], fields: readonly Field<Row>[]): Promise<void> {
  if (process.stdout.isTTY) {
    const cells = rows.map((row) => fields.map(({ value, human }) => human?.(row) ?? String(value(row) ?? '')));
    await print(`${formatTable(cells, { columns: fields })}\n`);
    return;
  }
  await print(tsvLine(fields.map(({ title }) => title)));
  for (const row of rows) await print(tsvLine(fields.map(({ value }) => value(row))));
}

function tsvLine(values: readonly (string | number | boolean | null | undefined)[]): string {
  return `${values.map((value) => String(value ?? '').replace(/[\\\t\r\n]/g, (found) => tsvEscapes[found]!)).join('\t')}\n`;
}

const tsvEscapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\r': '\\r', '\n': '\\n' };
