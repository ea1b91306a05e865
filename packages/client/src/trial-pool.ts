import { isTerminal, ParamoError } from '@paramo/core';
import type { TrialRecord } from '@paramo/core';
import { askOnce, createWorker, longestAskMs } from './ask.js';
import type { AskAnswer } from './ask.js';
import type { Connection } from './connect.js';
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

/** Starts the workers. */
export function startTrialPool<P>({ connection, study, evaluate, workers, onTrial }: TrialPoolOptions<P>): TrialPool {
  const objectives = study.spec.objectives.map(({ metric }) => metric);
  const running = new Set<OwnedTrial<P>>();
  const stop = new AbortController();
  let abortError: ParamoError | undefined;
  let released: Promise<void> | undefined;
  const aborted = new Promise<'aborted'>((resolve) => stop.signal.addEventListener('abort', () => resolve('aborted')));

  const abort = (error: ParamoError): Promise<void> => {
    released ??= (async () => {
      abortError = error;
      stop.abort(error);
      await Promise.allSettled(
        [...running].map((owned) => {
          owned.abort(error.summary);
          return owned.end({ kind: 'release', reason: error.summary });
        }),
      );
    })();
    return released;
  };

  const run = async (owned: OwnedTrial<P>, askNext: ReturnType<typeof askNextFor>): Promise<AskAnswer | undefined> => {
    running.add(owned);
    try {
      const evaluated = (async () => evaluate(owned.trial))().then(
        (outcome) => conclude(owned, outcome, objectives),
        (thrown: unknown) => concludeThrown(owned, thrown, objectives),
      );
      const ending = await Promise.race([evaluated, aborted]);
      if (ending === 'aborted') return undefined;
      const { record, next } = await owned.end(ending, askNext);
      if (isTerminal(record.state)) await onTrial?.(record);
      return next;
    } finally {
      running.delete(owned);
    }
  };

  const work = async (slot: number): Promise<void> => {
    const worker = createWorker(connection, slot);
    const askNext = askNextFor(connection, study, worker);
    let answer: AskAnswer | undefined;
    while (!stop.signal.aborted) {
      answer ??= await askOnce(connection, study, worker, longestAskMs, stop.signal);
      if (answer.kind === 'ended') return;
      answer = answer.kind === 'trial' ? await run(holdTrial<P>({ connection, study, assignment: answer.assignment, held: true }), askNext) : undefined;
    }
  };

  const done = (async () => {
    const slots = Array.from({ length: workers }, (_, slot) =>
      work(slot).catch(async (error: unknown) => {
        // One that cannot go on takes the others with it: what stopped it stops them too.
        await abort(ParamoError.from(error));
      }),
    );
    await Promise.all(slots);
    await released;
    if (abortError) throw abortError;
  })();
  return { done, abort };
}
