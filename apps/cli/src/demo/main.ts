// npm run demo: tunes a network on handwritten digits, from nothing.
import { connect } from '@paramo/client';
import type { Connection } from '@paramo/client';
import { ParamoError } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { reportFailure } from '../failure.js';
import { note, print, printJson } from '../output.js';
import { daemonProgram } from '../session.js';
import { createLive } from '../terminal/live.js';
import { progressBar } from '../terminal/progress.js';
import { openBackend } from './backend.js';
import { loadDigits } from './digits.js';
import { compare, defaultParams } from './final.js';
import { parseDemoOptions } from './options.js';
import type { DemoOptions } from './options.js';
import { createProgress, percent } from './progress.js';
import { openSearch, search } from './search.js';
import { summarize } from './summary.js';

async function demo(connection: Connection, options: DemoOptions, startedMs: number): Promise<void> {
  const { scale, studyName, finalName } = options;
  const study = await openSearch(connection, options);
  const { counts, state } = study.record;
  const backend = await openBackend();
  const digits = await loadDigits(scale);
  const begun = counts.completed + counts.stopped;
  note(`${begun > 0 ? `Going on with ${studyName}, where ${begun} trials are done` : `Tuning ${studyName}`}: ${scale.searchImages} digits, ${scale.epochs} epochs, TensorFlow.js on ${backend}.`);

  if (state !== 'ended') {
    const progress = createProgress(process.stderr, { record: study.record, trials: options.trials, epochs: scale.epochs, startedMs });
    try {
      await search(connection, options, digits, progress);
    } finally {
      progress.close();
    }
  }
  const best = await study.best();
  if (!best) throw new ParamoError({ code: 'STUDY_ENDED', message: `study ${studyName} ended without a result`, hint: `See why with \`npx paramo trials ${studyName}\`.` });

  note(`Training the default and the best configuration on ${scale.finalImages} digits.`);
  const live = createLive(process.stderr);
  const comparison = await compare(connection, options, { studyId: study.id, best: best.params }, digits, (role, epoch, accuracy) => {
    live.update(`${progressBar(epoch + 1, scale.epochs, 28)} ${role}: epoch ${epoch + 1}/${scale.epochs} ${percent(accuracy)}`);
  });
  live.done();

  const trials = await study.trials();
  const elapsedMs = performance.now() - startedMs;
  const summary = summarize({ studyName, finalName, trials, best, defaults: defaultParams, comparison, finalImages: scale.finalImages, testImages: scale.testImages, elapsedMs });
  if (!options.json) return print(`\n${summary}`);
  note(`\n${summary}`);
  await printJson({
    study: studyName,
    strategy: options.strategy,
    trials: trials.length,
    best: { value: comparison.best, params: best.params },
    default: { value: comparison.default },
    seconds: Number((elapsedMs / 1000).toFixed(1)),
  });
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
