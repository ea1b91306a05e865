import { findStudy } from '@paramo/client';
import type { SingleStudy } from '@paramo/client';
import type { Connection } from '@paramo/client';
import { exitCodes } from '../exit-code.js';
import { listMetrics, listTrials } from '../operations.js';
import { note, print, toJson } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { csvLine } from './csv.js';
import { openExportFile } from './export-file.js';
import { openTrialSpool } from './trial-spool.js';

/** Options of `paramo export`. */
export interface ExportOptions extends GlobalOptions {
  readonly format: 'json' | 'csv';
  readonly output?: string;
  readonly series?: boolean;
}

/** Takes a piece of the export; resolves when there is room for more. */
type Write = (text: string) => Promise<void>;

/** `paramo export STUDY`: all its trials, read page by page and written as they come. */
export function exportStudy(name: string, options: ExportOptions): Promise<number> {
  return withConnection(options, async (connection) => {
    const study = await findStudy(name, { connection });
    const file = options.output === undefined ? undefined : await openExportFile(options.output);
    const write = file?.write ?? print;
    try {
      const count = options.format === 'json' ? await exportJson(connection, study, options.series === true, write) : await (options.series ? exportPoints : exportTrials)(connection, study, write);
      await file?.finish();
      if (file) note(`wrote ${count} ${options.format === 'csv' && options.series ? 'points' : 'trials'} to ${options.output}`);
    } catch (error) {
      await file?.discard();
      throw error;
    }
    return exitCodes.ok.code;
  });
}

async function exportJson(connection: Connection, study: SingleStudy, series: boolean, write: Write): Promise<number> {
  let count = 0;
  await write(`{\n"study": ${toJson(study.record)},\n"trials": [`);
  for await (const trial of listTrials(connection, study.id)) {
    const points: Record<string, object> = {};
    if (series) {
      for (const metric of await listMetrics(connection, study.id, trial.number)) {
        const { steps, values, timesMs } = await study.series(trial.number, metric);
        points[metric] = { steps, values, timesMs };
      }
    }
    await write(`${count++ === 0 ? '' : ','}\n${toJson({ ...trial, ...(series && { series: points }) })}`);
  }
  await write('\n]\n}\n');
  return count;
}

/** A line a trial. The columns are known once all trials were read, so they wait in a file meanwhile. */
async function exportTrials(connection: Connection, study: SingleStudy, write: Write): Promise<number> {
  const params = new Set(study.record.spec.space?.parameters.map(({ name }) => name));
  const metrics = new Set(study.record.spec.objectives.map(({ metric }) => metric));
  const spool = await openTrialSpool();
  try {
    let count = 0;
    for await (const trial of listTrials(connection, study.id)) {
      for (const name of Object.keys(trial.params)) params.add(name);
      for (const name of Object.keys(trial.metrics)) metrics.add(name);
      await spool.add(trial);
      count++;
    }
    const fixed = ['trial', 'state', 'value', 'step', 'steps', 'attempt', 'lost', 'seed', 'revision', 'by', 'created', 'started', 'ended', 'worker', 'host', 'reason', 'error'];
    await write(csvLine([...fixed, ...[...params].map((name) => `params.${name}`), ...[...metrics].map((name) => `metrics.${name}`)]));
    for await (const trial of spool.read()) {
      await write(
        csvLine([
          trial.number, trial.state, trial.value, trial.at, trial.done, trial.attempt, trial.lost, trial.seed, trial.revision, trial.by,
          time(trial.createdMs), time(trial.startedMs), time(trial.endedMs), trial.worker?.id, trial.worker?.host, trial.reason, trial.error?.message,
          ...[...params].map((name) => trial.params[name]),
          ...[...metrics].map((name) => trial.metrics[name]),
        ]),
      );
    }
    return count;
  } finally {
    await spool.close();
  }
}

/** A line a point of every metric's effective series. */
async function exportPoints(connection: Connection, study: SingleStudy, write: Write): Promise<number> {
  let count = 0;
  await write(csvLine(['trial', 'metric', 'step', 'value', 'time']));
  for await (const trial of listTrials(connection, study.id)) {
    for (const metric of await listMetrics(connection, study.id, trial.number)) {
      const { steps, values, timesMs } = await study.series(trial.number, metric);
      for (const [index, step] of steps.entries()) await write(csvLine([trial.number, metric, step, values[index], time(timesMs[index] ?? 0)]));
      count += steps.length;
    }
  }
  return count;
}

/** ISO 8601 in UTC; empty for what has not happened. */
function time(ms: number): string {
  return ms > 0 ? new Date(ms).toISOString() : '';
}
