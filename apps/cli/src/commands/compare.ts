import { findStudy } from '@paramo/client';
import { exitCodes } from '../exit-code.js';
import { compareTrials } from '../inspect/compare-trials.js';
import { renderComparison } from '../inspect/render-facts.js';
import { readDetails } from '../inspect/trial-details.js';
import { note, print, printJson, printRows } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { createStyle } from '../terminal/style.js';

/** Options of `paramo compare`. */
export interface CompareOptions extends GlobalOptions {
  /** Also what is the same. */
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `paramo compare STUDY N M`: two trials side by side, as far as they differ. */
export function compare(name: string, left: number, right: number, options: CompareOptions): Promise<number> {
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    const [one, other] = await Promise.all([readDetails(connection, study, left), readDetails(connection, study, right)]);
    const rows = compareTrials(study.record, one, other).filter(({ differs }) => differs || options.all === true);
    if (options.json) await printJson({ study: { id: study.id, name: study.name }, trials: [left, right], rows: rows.map((row) => ({ ...row, left: row.left?.value, right: row.right?.value })) });
    else if (process.stdout.isTTY) await print(renderComparison(left, right, rows, createStyle(process.stdout)));
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
