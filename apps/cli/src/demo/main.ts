// npm run demo: tunes a network on handwritten digits, from nothing.
import { connect, findStudy, isParamoError } from '@paramo/client';
import type { Connection } from '@paramo/client';
import { ParamoError } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { reportFailure } from '../failure.js';
import { note, print, printJson } from '../output.js';
import { daemonProgram } from '../session.js';
import { createLive } from '../terminal/live.js';
import { progressBar } from '../terminal/progress.js';
import { isCompared } from './final-runs.js';
import { parseDemoOptions } from './options.js';
import type { DemoOptions } from './options.js';
import { createProgress, percent } from './progress.js';
import { createPythonTrainer } from './python-trainer.js';
import { summarize } from './summary.js';
import { createTfjsTrainer } from './tfjs-trainer.js';

const trainers = { tfjs: createTfjsTrainer, python: createPythonTrainer } as const;

async function demo(connection: Connection, options: DemoOptions, startedMs: number): Promise<void> {
  const { studyName, finalName, trials: budget, epochs, strategy } = options;
  const trainer = trainers[options.trainer](connection, options);
  const study = await trainer.openStudy(await isToBeginAnew(connection, options));
  const with_ = await trainer.prepare();
  const { counts, state } = study.record;
  const begun = counts.completed + counts.stopped;
  note(`${begun > 0 ? `Going on with ${studyName}, where ${begun} trials are done` : `Tuning ${studyName}`}: ${with_}.`);

  if (state !== 'ended') {
    const progress = createProgress(process.stderr, { record: study.record, trials: budget, epochs, startedMs, replaces: strategy === 'pbt', describe: trainer.describe });
    try {
      await trainer.search(progress);
    } finally {
      progress.close();
    }
  }
  const best = await study.best();
  if (!best) throw new ParamoError({ code: 'STUDY_ENDED', message: `study ${studyName} ended without a result`, hint: `See why with \`npx paramo trials ${studyName}\`.` });

  note(`Training the default and the best configuration on ${trainer.finalImages} digits.`);
  const live = createLive(process.stderr);
  const comparison = await trainer.compare(study.id, best.params, (role, epoch, accuracy) => {
    live.update(`${progressBar(epoch + 1, epochs, 28)} ${role}: epoch ${epoch + 1}/${epochs} ${percent(accuracy)}`);
  });
  live.done();

  const trials = await study.trials();
  const elapsedMs = performance.now() - startedMs;
  const summary = summarize({ studyName, finalName, trials, best, trainer, comparison, every: options.scale.every, importance: await study.importance({ step: options.scale.every - 1 }), elapsedMs });
  if (!options.json) return print(`\n${summary}`);
  note(`\n${summary}`);
  await printJson({
    study: studyName,
    strategy,
    trainer: options.trainer,
    trials: trials.length,
    best: { value: comparison.best, params: best.params },
    default: { value: comparison.default },
    seconds: Number((elapsedMs / 1000).toFixed(1)),
  });
}

/** A search that was interrupted, before or after it had ended, goes on; one that came to its comparison, or to nothing, begins anew. */
async function isToBeginAnew(connection: Connection, { studyName, finalName }: DemoOptions): Promise<boolean> {
  try {
    const { id, record } = await findStudy(studyName, { connection });
    return record.state === 'ended' && (record.bestTrial === undefined || (await isCompared(connection, finalName, id)));
  } catch (error) {
    if (isParamoError(error, 'STUDY_NOT_FOUND')) return false;
    throw error;
  }
}

async function main(): Promise<number> {
  const startedMs = performance.now();
  const options = parseDemoOptions(process.argv.slice(2));
  if (typeof options === 'number') return options;
  process.env['PARAMO_BIN'] ||= daemonProgram;
  try {
    const connection = await connect();
    try {
      await demo(connection, options, startedMs);
    } finally {
      await connection.close();
    }
    return exitCodes.ok.code;
  } catch (error) {
    return reportFailure(error);
  }
}

process.exitCode = await main();
