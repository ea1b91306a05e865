import type { StudyRecord } from '@paramo/core';
import { formatPlugin } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { listStudies } from '../operations.js';
import { note, printJson, printRows } from '../output.js';
import type { Field } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { describeState } from '../study-outcome.js';
import { formatNumber } from '../terminal/format.js';

const fields: readonly Field<StudyRecord>[] = [
  { title: 'name', value: ({ spec }) => spec.name, maxWidth: 40 },
  { title: 'state', value: describeState, maxWidth: 40 },
  { title: 'trials', align: 'right', value: ({ counts }) => total(counts) },
  { title: 'done', align: 'right', value: ({ counts }) => counts.completed + counts.stopped },
  { title: 'failed', align: 'right', value: ({ counts }) => counts.failed },
  { title: 'objective', value: ({ spec }) => spec.objectives.map(({ goal, metric }) => `${goal} ${metric}`).join(', ') },
  { title: 'best', align: 'right', value: ({ bestValue }) => bestValue, human: ({ bestValue }) => (bestValue === undefined ? '' : formatNumber(bestValue)) },
  { title: 'trial', align: 'right', value: ({ bestTrial }) => bestTrial },
  { title: 'strategy', value: ({ spec }) => (spec.strategy ? formatPlugin(spec.strategy) : ''), maxWidth: 30 },
  { title: 'created', value: ({ createdMs }) => new Date(createdMs).toISOString(), human: ({ createdMs }) => new Date(createdMs).toISOString().slice(0, 16).replace('T', ' ') },
];

/** `paramo studies`: all studies, newest first. */
export function studies(options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  return withConnection(options, async (connection) => {
    const records: StudyRecord[] = [];
    for await (const record of listStudies(connection)) records.push(record);
    if (options.json) await printJson(records);
    else if (records.length === 0 && process.stdout.isTTY) note('no studies yet');
    else await printRows(records, fields);
    return exitCodes.ok.code;
  });
}

function total(counts: StudyRecord['counts']): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
