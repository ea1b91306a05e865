import { setMaxListeners } from 'node:events';
import { isTerminal, ParamoError, sleep } from '@paramo/core';
import type { TrialRecord } from '@paramo/core';
import type { Assignment } from '@paramo/protocol';
import { askOnce, createWorker, longestAskMs } from './ask.js';
import type { AskAnswer } from './ask.js';
import type { Connection } from './connect.js';
import { worthwhileMs } from './describe/describer.js';
import { askNextFor, conclude, concludeThrown, holdTrial } from './hold-trial.js';
import type { OwnedTrial, TrialStudy } from './hold-trial.js';
import type { Trial } from './trial.js';

/** What a pool of workers does. */
export interface TrialPoolOptions<P> {
  readonly connection: Connection;
  readonly study: TrialStudy;
  /** Evaluates one trial; several calls of it are under way at once. */
  readonly evaluate: (trial: Trial<P>) => unknown;
  readonly workers: number;
  /** Whether trials that last are described. */
  readonly describe: boolean;
  /** Called after every trial that ended for good. Its own errors end the pool. */
  readonly onTrial?: (record: TrialRecord) => void | Promise<void>;
}

/** Workers of this process that ask for trials and evaluate them until the study ends. */
export interface TrialPool {
  /** Resolves when the study has ended; rejects with what `abort` was given, or with what the daemon refused. */
  readonly done: Promise<void>;
  /** Stops asking and gives the running trials back, whatever their code is doing. Resolves when the daemon has them. */
  abort(error: ParamoError): Promise<void>;
}

/** How long the code of a trial that saves checkpoints has to come to the next one when it is told to end. */
const saveMs = 4000;
/** How long an aborted worker waits for the answer to its last ask. */
const leaveMs = 200;

/** Starts the workers. */
export function startTrialPool<P>({ connection, study, evaluate, workers, describe, onTrial }: TrialPoolOptions<P>): TrialPool {
  const objectives = study.spec.objectives.map(({ metric }) => metric);
  /** The trials at work, and the end of their code. */
  const running = new Map<OwnedTrial<P>, Promise<unknown>>();
  const stop = new AbortController();
  /** Cuts off asks under way: later than `stop`, so that an answer that is about to come can be given back. */
  const leave = new AbortController();
  let abortError: ParamoError | undefined;
  /** What stopped a worker, as it was thrown: by the daemon, or by the caller's own `onTrial`. */
  let thrown: { readonly error: unknown } | undefined;
  let released: Promise<void> | undefined;
  // A listener for each worker, which is no leak.
  setMaxListeners(0, stop.signal, leave.signal);

  const abort = (error: ParamoError): Promise<void> => {
    released ??= (async () => {
      abortError = error;
      stop.abort(error);
      connection.clock.setTimer(leaveMs, () => leave.abort(error));
      for (const owned of running.keys()) owned.abort(error.summary);
      await Promise.allSettled([...[...running.keys()].map(giveBack), ...slots]);
    })();
    return released;
  };
  /** Whoever takes the trial up goes on from its newest checkpoint, so one that can be had within a moment is waited for. */
  const giveBack = async (owned: OwnedTrial<P>): Promise<unknown> => {
    const saved = async (): Promise<void> => {
      await running.get(owned);
      await owned.saved();
    };
    if (owned.savesCheckpoints) await Promise.race([saved(), sleep(connection.clock, saveMs)]);
    return owned.end({ kind: 'release', reason: abortError?.summary ?? '' });
  };

  const run = async (owned: OwnedTrial<P>, askNext: ReturnType<typeof askNextFor>): Promise<AskAnswer | undefined> => {
    try {
      const evaluated = (async () => {
        await owned.restore();
        return evaluate(owned.trial);
      })().then(
        (outcome) => conclude(owned, outcome, objectives),
        (thrown: unknown) => concludeThrown(owned, thrown, objectives),
      );
      running.set(owned, evaluated);
      const ending = await orAborted(evaluated, stop.signal);
      if (ending === 'aborted') return undefined;
      const { record, next } = await owned.end(ending, askNext);
      if (isTerminal(record.state)) await onTrial?.(record);
      return next;
    } finally {
      running.delete(owned);
    }
  };

  const hold = (assignment: Assignment): OwnedTrial<P> => holdTrial<P>({ connection, study, assignment, held: true, ...(describe && { describeAfterMs: worthwhileMs }) });

  const work = async (slot: number): Promise<void> => {
    const worker = createWorker(connection, slot);
    const askNext = askNextFor(connection, study, worker);
    let answer: AskAnswer | undefined;
    while (!stop.signal.aborted) {
      answer ??= await askOnce(connection, study, worker, longestAskMs, leave.signal);
      if (answer.kind === 'ended') return;
      if (stop.signal.aborted) break;
      answer = answer.kind === 'trial' ? await run(hold(answer.assignment), askNext) : undefined;
    }
    // Handed out together with the end of the one before, while this was being aborted.
    if (answer?.kind === 'trial') await giveBack(hold(answer.assignment));
  };

  // One that cannot go on takes the others with it: what stopped it stops them too.
  const slots = Array.from({ length: workers }, (_, slot) => work(slot).catch((error: unknown) => {
    thrown ??= { error };
    void abort(ParamoError.from(error));
  }));
  const done = (async () => {
    await Promise.all(slots);
    await released;
    if (thrown) throw thrown.error;
    if (abortError) throw abortError;
  })();
  return { done, abort };
}

/** The promise's outcome, or 'aborted' when that comes first. Leaves nothing behind on a signal that lives long. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | 'aborted'> {
  if (signal.aborted) return 'aborted';
  let onAbort = (): void => {};
  const aborted = new Promise<'aborted'>((resolve) => (onAbort = () => resolve('aborted')));
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
