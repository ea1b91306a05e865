import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { errorCodes, ParamoError } from '@paramo/core';
import type { ErrorCode, TrialRecord } from '@paramo/core';
import type { Connection } from './connect.js';
import { readTrial } from './end-attempt.js';
import type { TrialStudy } from './hold-trial.js';
import type { TrialPool } from './trial-pool.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

/** What worker processes do. */
export interface ProcessPoolOptions {
  readonly connection: Connection;
  readonly study: TrialStudy;
  /** A module whose default export evaluates a trial. */
  readonly module: URL;
  readonly workers: number;
  /** Whether trials that last are described. */
  readonly describe: boolean;
  readonly onTrial?: (record: TrialRecord) => void | Promise<void>;
}

/** How long workers may take to give their trials back. */
const releaseMs = 5000;
/** So many worker processes in a row that die without finishing a trial end the pool. */
const mostDeaths = 3;

/**
 * Workers as processes of their own, for code that keeps a processor busy. One that dies is replaced; its trial is
 * tried again when its lease has run out.
 */
export function startProcessPool({ connection, study, module, workers, describe, onTrial }: ProcessPoolOptions): TrialPool {
  const { target, clock } = connection;
  if (!target) throw new ParamoError({ code: 'NOT_SUPPORTED', message: 'worker processes cannot reach the daemon of this connection', hint: 'Pass a function, or a connection made by connect().' });
  const children = new Set<ChildProcess>();
  let abortError: ParamoError | undefined;
  let deaths = 0;

  const abort = (error: ParamoError): Promise<void> => {
    abortError ??= error;
    const gone = Promise.all([...children].map((child) => new Promise((resolve) => child.once('exit', resolve))));
    for (const child of children) send(child, { kind: 'abort', reason: error.summary });
    const cancel = clock.setTimer(releaseMs, () => {
      for (const child of children) child.kill('SIGKILL');
    });
    return gone.then(cancel);
  };

  /** Runs one process to its end. Says whether another is to take its place. */
  const run = (): Promise<'ended' | 'died'> =>
    new Promise((resolve, reject) => {
      const child = fork(new URL('./worker-process.js', import.meta.url), { stdio: 'inherit' });
      children.add(child);
      let outcome: Extract<FromWorker, { kind: 'end' }> | undefined;
      let reading: Promise<unknown> = Promise.resolve();
      child.on('message', (message: FromWorker) => {
        if (message.kind === 'end') {
          outcome = message;
          return;
        }
        deaths = 0;
        if (onTrial) reading = reading.then(async () => onTrial(await readTrial(connection, { studyId: study.studyId, trial: message.number })));
        reading.catch(reject);
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        children.delete(child);
        if (outcome?.error) reject(revived(outcome.error));
        else if (outcome) reading.then(() => resolve('ended'), reject);
        else if (++deaths < mostDeaths || abortError) resolve('died');
        else reject(new ParamoError({ code: 'INTERNAL', message: `${deaths} worker processes died one after another, the last ${signal ? `by ${signal}` : `with code ${code}`}`, hint: `Run ${module.href} by itself to see why.` }));
      });
      send(child, { kind: 'start', target, studyId: study.studyId, module: module.href, describe });
    });

  const done = (async () => {
    const slots = Array.from({ length: workers }, async () => {
      try {
        while (!abortError && (await run()) === 'died');
      } catch (error) {
        // What stops one stops them all.
        await abort(ParamoError.from(error));
      }
    });
    await Promise.all(slots);
    if (abortError) throw abortError;
  })();
  return { done, abort };
}

function send(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => undefined);
}

function revived({ code, message, hint }: { readonly code: string; readonly message: string; readonly hint: string }): ParamoError {
  return new ParamoError({ code: Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'INTERNAL', message, hint });
}
