import { findStudy } from '@paramo/client';
import type { TrialRecord } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { listTrials } from '../operations.js';
import { note, printJson, printRows } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { trialFields } from '../trial-fields.js';

/** Options of `paramo trials`. */
export interface TrialsCommandOptions extends GlobalOptions {
  readonly filter?: string;
  readonly order?: string;
  readonly limit?: number;
  readonly json?: boolean;
}

/** `paramo trials STUDY`: its trials by filter and order. */
export function trials(name: string, options: TrialsCommandOptions): Promise<number> {
  return withConnection(options, async (connection) => {
    const { id, record } = await findStudy(name, { connection });
    const found: TrialRecord[] = [];
    for await (const trial of listTrials(connection, id, options)) found.push(trial);
    if (options.json) await printJson(found);
    else if (found.length === 0 && process.stdout.isTTY) note(options.filter === undefined ? 'no trials yet' : 'no trial matches the filter');
    else await printRows(found, trialFields(record, found));
    return exitCodes.ok.code;
  });
}
