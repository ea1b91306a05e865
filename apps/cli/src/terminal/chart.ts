import { formatNumber } from './format.js';
import { resample } from './resample.js';
import { displayWidth, truncate } from './text.js';

/** The size of a chart, its labels included. */
export interface LineChartOptions {
  /** Columns in all. */
  readonly width: number;
  /** Rows of the plot, 2 at least; the label is one more. */
  readonly height: number;
  /** A line above the chart. */
  readonly label?: string;
}

/**
 * The values as a line over their index, with the scale on the left. Values that are not finite leave a gap.
 * Answers `height` lines (one more with a label) without a trailing newline; empty when there is nothing to draw.
 */
export function lineChart(values: readonly number[], { width, height, label }: LineChartOptions): string {
  const finite = values.filter((value) => Number.isFinite(value));
  if (finite.length === 0) return '';
  const high = finite.reduce((a, b) => Math.max(a, b));
  const low = finite.reduce((a, b) => Math.min(a, b));
  const rows = Math.max(2, height);
  const scale = Array.from({ length: rows }, (_, row) => formatNumber(high - ((high - low) * row) / (rows - 1), 4));
  const scaleWidth = Math.max(...scale.map(displayWidth));
  const plotWidth = Math.max(1, width - scaleWidth - 2);
  // A flat line is drawn in the middle of its one value.
  const rowOf = (value: number): number => (high === low ? Math.floor((rows - 1) / 2) : Math.round(((high - value) / (high - low)) * (rows - 1)));
  const cells = draw(resample(values, plotWidth).map((value) => (Number.isFinite(value) ? rowOf(value) : undefined)), rows);
  const lines = cells.map((line, row) => {
    const mark = high === low ? (row === rowOf(high) ? formatNumber(high, 4) : '') : scale[row]!;
    return `${mark.padStart(scaleWidth)} ┤${line.join('')}`.trimEnd();
  });
  return [...(label === undefined ? [] : [truncate(label, width)]), ...lines].join('\n');
}

/** A cell a row and column: the line goes through `path[column]`, row 0 on top. */
function draw(path: readonly (number | undefined)[], rows: number): string[][] {
  const cells = Array.from({ length: rows }, () => path.map(() => ' '));
  path.forEach((row, column) => {
    if (row === undefined) return;
    const before = path[column - 1] ?? row;
    const [top, bottom] = before < row ? [before, row] : [row, before];
    for (let between = top + 1; between < bottom; between++) cells[between]![column] = '│';
    if (before === row) cells[row]![column] = '─';
    else {
      cells[before]![column] = before < row ? '╮' : '╯';
      cells[row]![column] = before < row ? '╰' : '╭';
    }
  });
  return cells;
}
