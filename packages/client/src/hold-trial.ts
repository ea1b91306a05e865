import type { Params, StudyRecord, Worker } from '@paramo/core';
import type { AskRequest, Assignment } from '@paramo/protocol';
import { askRequest, takeOver } from './ask.js';
import type { Connection } from './connect.js';
import type { Describing } from './describe/describer.js';
import { describable } from './describe/describe-program.js';
import { endAttempt } from './end-attempt.js';
import type { EndedAttempt, Ending } from './end-attempt.js';
import { requireObjective } from './missing-objective.js';
import { outcomeValues, trialErrorOf } from './outcome.js';
import { createTrial } from './trial.js';
import type { HeldTrial } from './trial.js';

/** A trial together with the way to end it. */
export interface OwnedTrial<P = Params> extends HeldTrial<P> {
  /** True once it was ended here, even if the daemon has not answered yet. */
  readonly isEnding: boolean;
  /** Ends it, if it was not before: the first end wins. `askNext` goes along only with that one. */
  end(ending: Ending, askNext?: () => AskRequest): Promise<EndedAttempt>;
}

/** What a trial must know of its study. */
export type TrialStudy = Pick<StudyRecord, 'studyId' | 'revision' | 'spec'>;

/** How a trial is held. */
export interface HoldOptions {
  readonly connection: Connection;
  readonly study: TrialStudy;
  readonly assignment: Assignment;
  /** Whether its code runs inside one of our calls, which then also answers for how its end went. */
  readonly held: boolean;
  /** It is described once it has lasted so long, in milliseconds; absent: not by itself. */
  readonly describeAfterMs?: number;
  /** Called once when it has ended. */
  readonly onEnd?: () => void;
}

/** Takes over a trial that was handed out, renews its lease and carries its points until it ends. */
export function holdTrial<P = Params>({ connection, study, assignment, held, describeAfterMs, onEnd }: HoldOptions): OwnedTrial<P> {
  const objectives = study.spec.objectives.map(({ metric }) => metric);
  const terms = { ...takeOver(connection, study, assignment, held), objectives, studySeed: study.spec.seed };
  let ended: Promise<EndedAttempt> | undefined;
  let describing: Describing | undefined;

  const finish = async (ending: Ending, askNext?: () => AskRequest): Promise<EndedAttempt> => {
    try {
      // A checkpoint that is under way would be refused once the trial has ended. A process told to end has waited for it as long as it can.
      if (holder.trial.stopped?.cause !== 'aborted') await holder.saved();
      await describing?.end();
      return await endAttempt(ending, { connection, attempt: terms.attempt, record: terms.record, objectives, names: holder.log.names, from: terms.source?.done, ...(askNext && { askNext }) });
    } finally {
      onEnd?.();
      await holder.removeRestored();
    }
  };
  const end = (ending: Ending, askNext?: () => AskRequest): Promise<EndedAttempt> => {
    ended ??= finish(ending, askNext);
    // Whoever runs the loop around a held trial waits for `end` again, and is told there.
    if (held) ended.catch(() => undefined);
    return ended;
  };
  const holder = createTrial<P>({
    connection,
    terms,
    ends: {
      get begun() {
        return ended !== undefined;
      },
      async complete(outcome) {
        const values = outcomeValues(outcome, objectives);
        // A slip of the pen is told while the trial can still be ended well. One that was to be stopped needs no objective; what earlier
        // attempts logged up to the checkpoint is known to the daemon alone.
        const { trial, log } = holder;
        const isOwn = terms.source?.trial === trial.number;
        if (!ended && !trial.stopped && !isOwn) requireObjective({ trial: trial.number, objectives, seen: [...log.names, ...Object.keys(values)], from: terms.source?.done });
        return (await end({ kind: 'complete', values })).record;
      },
      fail: async (error) => (await end({ kind: 'fail', ...trialErrorOf(error) })).record,
      release: async (reason) => (await end({ kind: 'release', reason })).record,
    },
  });
  const describe: Parameters<typeof describable>[1] = (afterMs, program) => {
    describing = connection.describer?.describe(terms.attempt, { startedMs: terms.record.startedMs, afterMs, ...(program && { program }) });
  };
  describable(holder.trial, describe);
  if (describeAfterMs !== undefined) describe(describeAfterMs);
  return {
    ...holder,
    end,
    get savesCheckpoints() {
      return holder.savesCheckpoints;
    },
    get isEnding() {
      return ended !== undefined;
    },
  };
}

/** How a trial ends whose code has come to its end, having returned `outcome`: as was decided about it, else well. */
export function conclude({ trial }: HeldTrial<unknown>, outcome: unknown, objectives: readonly string[]): Ending {
  const cause = trial.stopped?.cause;
  if (cause === 'pause' || cause === 'aborted') return { kind: 'release', reason: trial.stopped?.reason ?? '' };
  try {
    return { kind: 'complete', values: outcomeValues(outcome, objectives) };
  } catch (error) {
    return { kind: 'fail', ...trialErrorOf(error) };
  }
}

/** How a trial ends whose code threw: an abort that followed a decision is no failure. */
export function concludeThrown(holder: HeldTrial<unknown>, thrown: unknown, objectives: readonly string[]): Ending {
  if (holder.trial.stopped && isAbort(holder, thrown)) return conclude(holder, undefined, objectives);
  return { kind: 'fail', ...trialErrorOf(thrown) };
}

/** Whether the code of a trial threw since it was told to end. */
export function isAbort({ trial }: HeldTrial<unknown>, thrown: unknown): boolean {
  return thrown === trial.signal.reason || (thrown instanceof Error && thrown.name === 'AbortError');
}

/** The ask that goes along with an end. */
export function askNextFor(connection: Connection, study: TrialStudy, worker: Worker): () => AskRequest {
  return () => askRequest(connection, study, worker, 0);
}
