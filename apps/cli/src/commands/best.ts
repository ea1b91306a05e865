import { findStudy } from '@paramo/client';
import { ParamoError } from '@paramo/core';
import type { StudyRecord } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { note, print, printJson, printRows } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { studyExitCode } from '../study-outcome.js';
import { formatNumber } from '../terminal/format.js';
import { formatTable } from '../terminal/table.js';
import { formatParam, trialFields } from '../trial-fields.js';

/** `paramo best STUDY`: its best trial; of a study with several objectives its front. */
export function best(name: string, options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    const { objectives } = study.record.spec;
    if (objectives.length !== 1) return front(study.record, await study.front(), options.json === true);
    const trial = await study.best();
    if (!trial) return nothing(study.record);
    const rows: readonly (readonly [string, string, unknown])[] = [
      ['trial', String(trial.number), trial.number],
      [objectives[0]!.metric, formatNumber(trial.value), trial.value],
      ...Object.entries(trial.params).map(([param, value]) => [`params.${param}`, formatParam(value), value] as const),
    ];
    if (options.json) await printJson(trial);
    else if (process.stdout.isTTY) await print(`${formatTable(rows.map(([key, human]) => [key, human]), { columns: [{ title: '' }, { title: '' }], header: false })}\n`);
    else await printRows(rows, [{ title: 'key', value: ([key]) => key }, { title: 'value', value: ([, , value]) => value as string | number | boolean }]);
    if (trial.state !== 'completed') note(`trial ${trial.number} is ${trial.state}: its value is partial, no trial has completed yet`);
    return exitCodes.ok.code;
  });
}

async function front(record: StudyRecord, trials: Parameters<typeof trialFields>[1], json: boolean): Promise<number> {
  if (record.spec.objectives.length === 0) {
    throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `study "${record.spec.name}" tracks runs and has no objective, so none is best`, hint: 'List its runs with `paramo trials`, ordered by a metric with --order.' });
  }
  if (trials.length === 0) return nothing(record);
  if (json) await printJson(trials);
  else await printRows(trials, trialFields(record, trials));
  return exitCodes.ok.code;
}

function nothing(record: StudyRecord): number {
  const { counts, spec } = record;
  const ended = studyExitCode(record);
  note(`study "${spec.name}" has no best trial yet: ${counts.completed} completed, ${counts.running} running, ${counts.failed} failed`);
  return ended === exitCodes.ok.code ? exitCodes.notFound.code : ended;
}
