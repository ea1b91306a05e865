import { findStudy } from '@paramo/client';
import type { ParameterImportance } from '@paramo/client';
import { exitCodes } from '../exit-code.js';
import { note, printJson, printRows } from '../output.js';
import type { Field } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';

const fields: readonly Field<ParameterImportance>[] = [
  { title: 'parameter', value: ({ parameter }) => parameter, maxWidth: 40 },
  { title: 'correlation', align: 'right', value: ({ correlation }) => correlation, human: ({ correlation }) => correlation.toFixed(2) },
  { title: 'measure', value: ({ measure }) => measure },
  { title: 'trials', align: 'right', value: ({ trials }) => trials },
];

/** `paramo importance STUDY`: how strongly each parameter goes with the objective, strongest first; by the values at `--step` where many trials were stopped early. */
export function importance(name: string, options: GlobalOptions & { readonly json?: boolean; readonly step?: number }): Promise<number> {
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    const found = await study.importance(options.step === undefined ? {} : { step: options.step });
    if (options.json) await printJson(found);
    else if (found.length === 0 && process.stdout.isTTY) note('no parameter is part of three trials with a value yet');
    else await printRows(found, fields);
    return exitCodes.ok.code;
  });
}
