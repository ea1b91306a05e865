import { findStudy } from '@paramo/client';
import { exitCodes } from '../exit-code.js';
import { bySection } from '../inspect/by-section.js';
import { compareTrials } from '../inspect/compare-trials.js';
import type { Comparison } from '../inspect/compare-trials.js';
import { readDetails } from '../inspect/trial-details.js';
import { note, print, printJson, printRows } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { createStyle } from '../terminal/style.js';
import { formatTable } from '../terminal/table.js';

/** Options of `paramo compare`. */
export interface CompareOptions extends GlobalOptions {
  /** Also what is the same. */
  readonly all?: boolean;
  readonly json?: boolean;
}

const valueWidth = 60;

/** `paramo compare STUDY N M`: two trials side by side, as far as they differ. */
export function compare(name: string, left: number, right: number, options: CompareOptions): Promise<number> {
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    const [one, other] = await Promise.all([readDetails(connection, study, left), readDetails(connection, study, right)]);
    const rows = compareTrials(study.record, one, other).filter(({ differs }) => differs || options.all === true);
    if (options.json) await printJson({ study: { id: study.id, name: study.name }, trials: [left, right], rows: rows.map((row) => ({ ...row, left: row.left?.value, right: row.right?.value })) });
    else if (process.stdout.isTTY) await print(renderComparison(left, right, rows));
    else {
      await printRows(rows, [
        { title: 'section', value: ({ section }) => section }, { title: 'name', value: (row) => row.name },
        { title: String(left), value: (row) => row.left?.value }, { title: String(right), value: (row) => row.right?.value },
      ]);
    }
    for (const { trial, description } of [one, other]) if (!description) note(`of trial ${trial.number} only what it came to is known: it was not described`);
    return exitCodes.ok.code;
  });
}

function renderComparison(left: number, right: number, rows: readonly Comparison[]): string {
  const { cyan } = createStyle(process.stdout);
  const columns = [{ title: '' }, { title: `trial ${left}`, maxWidth: valueWidth }, { title: `trial ${right}`, maxWidth: valueWidth }];
  return [...bySection(rows)]
    .map(([section, found]) => `${cyan(section)}\n${formatTable(found.map((row) => [row.name, row.left?.human ?? '', row.right?.human ?? '']), { columns }).replace(/^/gm, '  ')}\n`)
    .join('\n');
}
