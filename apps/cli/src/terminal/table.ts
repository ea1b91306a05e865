import { displayWidth, printable, truncate } from './text.js';

/** One column of a table. */
export interface TableColumn {
  readonly title: string;
  /** Left by default; numbers read better on the right. */
  readonly align?: 'left' | 'right';
  /** Longer cells are cut; absent: none is. */
  readonly maxWidth?: number;
}

/** How a table looks. */
export interface TableOptions {
  readonly columns: readonly TableColumn[];
  /** Whether the titles stand above; true by default. */
  readonly header?: boolean;
}

const gap = '  ';

/** Rows under their titles, columns aligned, without a trailing newline. Cells are made printable. */
export function formatTable(rows: readonly (readonly string[])[], { columns, header = true }: TableOptions): string {
  const cells = rows.map((row) => columns.map(({ maxWidth = Number.POSITIVE_INFINITY }, index) => truncate(printable(row[index] ?? ''), maxWidth)));
  const lines = header ? [columns.map(({ title }) => title), ...cells] : cells;
  const widths = columns.map((_, index) => lines.reduce((width, line) => Math.max(width, displayWidth(line[index]!)), 0));
  return lines
    .map((line) => line.map((cell, index) => padTo(cell, widths[index]!, columns[index]!.align)).join(gap).trimEnd())
    .join('\n');
}

function padTo(cell: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blank = ' '.repeat(Math.max(0, width - displayWidth(cell)));
  return align === 'left' ? cell + blank : blank + cell;
}
