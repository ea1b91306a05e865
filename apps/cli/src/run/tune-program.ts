import { findStudy, openStudy, redactArguments, workOn, worthwhileMs } from '@paramo/client';
import type { Connection, ObjectiveInput, StudyTrial, Trial } from '@paramo/client';
import { isParamoError, space } from '@paramo/core';
import type { Params, Space, TrialRecord } from '@paramo/core';
import { reportFailure } from '../failure.js';
import { listTrials } from '../operations.js';
import { note, printJson } from '../output.js';
import { studyExitCode } from '../study-outcome.js';
import { formatNumber } from '../terminal/format.js';
import { formatParam } from '../trial-fields.js';
import { openGpuSlots } from './gpu-slots.js';
import { programEnvironment } from './run-plan.js';
import type { RunPlan } from './run-plan.js';
import { runProgram } from './run-program.js';

/** Runs a program again and again with other params until its study ends, and shows the best ones. */
export async function tuneProgram(connection: Connection, plan: RunPlan): Promise<number> {
  const { name, search, objectives, program, study, workers, describe = true, json } = plan;
  const gpus = await openGpuSlots(plan.gpus);
  const running = new Set<Promise<unknown>>();
  const evaluate = async (trial: Trial): Promise<void> => {
    const gpu = gpus.take();
    const work = runProgram(connection, trial, { ...program, ...(describe && { describeAfterMs: worthwhileMs }), env: programEnvironment(connection, gpu.devices), onOutput: () => undefined });
    const settled = work.then(gpu.free, gpu.free);
    running.add(settled);
    void settled.finally(() => running.delete(settled));
    const { failure } = await work;
    if (failure) throw failure;
  };
  // One or several: here it is both.
  const objective: ObjectiveInput = objectives as [(typeof objectives)[number], ...typeof objectives];
  const attributes = { command: [...redactArguments(program.command)], ...(Object.keys(search.fixed).length > 0 && { fixed: search.fixed }) };
  const found = plan.joins ? await findStudy(name, { connection }) : await openStudy({ ...study, name, space: space(search.parameters) as unknown as Space<Params>, objective, attributes }, { connection });
  try {
    await workOn<Params>(found, evaluate, { connection, workers, describe: false, onTrial: say(plan) });
  } catch (error) {
    // Without a result there is still a study, and each of its trials says why.
    if (!isParamoError(error, 'STUDY_ENDED')) throw error;
    reportFailure(error);
  } finally {
    // Programs that were told to end have their grace.
    await Promise.all(running);
  }
  const { id } = found;
  const record = await found.refresh();
  const best = objectives.length === 1 ? await findBest(connection, id) : undefined;
  if (json) {
    const trials = [];
    for await (const trial of listTrials(connection, id)) trials.push(trial);
    await printJson({ study: record, best: best && { trial: best.number, value: best.value, params: best.params, metrics: best.metrics }, trials });
  } else if (best) {
    note(`best of ${name}: trial ${best.number}, ${program.required[0]} ${formatOptional(best.value)}`);
    for (const [param, value] of Object.entries(best.params)) process.stdout.write(`${param}\t${String(value)}\n`);
  }
  return studyExitCode(record);
}

async function findBest(connection: Connection, studyId: string): Promise<TrialRecord | undefined> {
  for await (const trial of listTrials(connection, studyId, { filter: 'state = completed', order: 'value', limit: 1 })) return trial;
  return undefined;
}

/** Tells of every trial that ended. */
function say({ search, objectives }: RunPlan): (trial: StudyTrial) => void {
  return (trial) => {
    const values = objectives.length === 1 ? formatOptional(trial.value) : Object.entries(trial.values).map(([metric, value]) => `${metric} ${formatNumber(value)}`).join(' ');
    const params = Object.keys(search.parameters).map((param) => `${param} ${formatParam(trial.params[param])}`).join(', ');
    const why = trial.state === 'failed' ? `  ${trial.error?.message ?? trial.reason}` : '';
    note(`trial ${trial.number} ${trial.state}  ${values}  ${params}${why}`);
  };
}

function formatOptional(value: number | undefined): string {
  return value === undefined ? '' : formatNumber(value);
}
