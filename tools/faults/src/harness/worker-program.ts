// A worker process of the bed; its first argument is a `WorkerProgramOptions` as JSON. It runs until it is killed or
// gets SIGTERM.
import { setTimeout as pause } from 'node:timers/promises';
import { connect, findStudy, isParamoError, readDaemonFile } from '@paramo/client';
import { dialHome } from './daemon-process.js';
import { recordInto } from './history.js';
import { runRawWorker, valueOf } from './raw-worker.js';

/** What a worker process is told. */
export interface WorkerProgramOptions {
  readonly home: string;
  readonly studyId: string;
  readonly study: string;
  readonly seed: number;
  readonly name: string;
  readonly history: string;
  /** Workers that speak the protocol themselves. */
  readonly raw: number;
  /** Workers that use the SDK. */
  readonly sdk: number;
  readonly pauseMs?: number;
  /** Steps of a trial that uses the SDK; 4 unless given. */
  readonly steps?: number;
  /** Where to find the daemon, in place of where it says it is. */
  readonly address?: string;
}

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerProgramOptions;
const stopped = new AbortController();
process.on('SIGTERM', () => stopped.abort());
const record = recordInto(options.history);

/** Trials through the SDK: what it logged is acked when `complete` has resolved. */
async function runSdkWorker(name: string): Promise<void> {
  const { home, studyId, pauseMs = 5, steps = 4 } = options;
  const { token = '' } = (await readDaemonFile(home)) ?? {};
  const connection = await connect({ ...(options.address === undefined ? { home, start: false } : { address: options.address, token }), patienceMs: 20_000 });
  const study = await findStudy(options.study, { connection });
  while (!stopped.signal.aborted) {
    try {
      const trial = await study.ask({ wait: 500, signal: stopped.signal });
      if (!trial) continue;
      const key = { studyId, trial: trial.number, attempt: trial.attempt };
      record({ kind: 'taken', ...key, worker: name });
      let sequence = 0;
      for await (const step of trial.steps(steps)) {
        const value = valueOf(name, trial.number, trial.attempt, step);
        record({ kind: 'sent', ...key, sequence: ++sequence, points: [[step, value]] });
        trial.log({ loss: value }, step);
        await pause(pauseMs);
      }
      await (trial.stopped?.cause === 'pause' ? trial.release() : trial.complete());
      // With the daemon away the end waits in the spool, and its answer is only what the SDK foresees.
      const told = await study.trial(trial.number).catch(() => undefined);
      if (told) record({ kind: 'ended', ...key, state: told.state });
      if (connection.reporter.lost.dropped === 0) record({ kind: 'acked', ...key, sequence });
    } catch (error) {
      if (stopped.signal.aborted) break;
      record({ kind: 'refused', call: 'sdk', code: isParamoError(error) ? error.code : String(error) });
      await pause(50);
    }
  }
  await connection.close();
}

await Promise.all([
  ...Array.from({ length: options.raw }, (_, i) => runRawWorker({ ...options, name: `${options.name}-raw${i}`, dial: () => dialHome(options.home), record, signal: stopped.signal })),
  ...Array.from({ length: options.sdk }, async (_, i) => {
    for (let tries = 0; !stopped.signal.aborted && tries < 100; tries++) {
      await runSdkWorker(`${options.name}-sdk${i}`).catch(() => pause(50));
    }
  }),
]);
process.exit(0);
