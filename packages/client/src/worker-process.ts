import { ParamoError } from '@paramo/core';
import { connect } from './connect.js';
import type { Connection } from './connect.js';
import { loadObjective } from './load-objective.js';
import { findStudy } from './open-study.js';
import { startTrialPool } from './trial-pool.js';
import type { TrialPool } from './trial-pool.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

// A process that evaluates trials for a tune() elsewhere: `tune(options, new URL('./train.js', import.meta.url))`.
let pool: TrialPool | undefined;
let connection: Connection | undefined;
let abortReason: string | undefined;

process.on('message', (message: ToWorker) => {
  if (message.kind === 'start') void work(message);
  else void abort(message.reason);
});
// Without its tune() nobody hears of the results any more; the trials go back.
process.on('disconnect', () => void abort('the process that tunes has ended'));
// Meant for the whole group; the process that tunes tells what is to be done.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void abort('the worker process was told to end'));

async function work({ target, studyId, module, describe }: Extract<ToWorker, { kind: 'start' }>): Promise<void> {
  let failure: ParamoError | undefined;
  try {
    const evaluate = await loadObjective(module);
    connection = await connect(target);
    const study = await findStudy(studyId, { connection });
    if (abortReason === undefined) pool = startTrialPool({ connection, study: study.record, evaluate, workers: 1, describe, onTrial: ({ number }) => tell({ kind: 'trial', number }) });
    await pool?.done;
  } catch (error) {
    failure = ParamoError.from(error);
  }
  await connection?.close();
  await tell({ kind: 'end', ...(failure && { error: { code: failure.code, message: failure.summary, hint: failure.hint } }) });
  process.exit();
}

async function abort(reason: string): Promise<void> {
  abortReason = reason;
  await pool?.abort(new ParamoError({ code: 'ABORTED', message: reason }));
}

function tell(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send!(message, undefined, undefined, () => resolve());
    else resolve();
  });
}
