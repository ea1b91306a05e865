import { isTerminal, ParamoError } from '@paramo/core';
import type { Params, StudyRecord, TrialRecord, Values } from '@paramo/core';
import { askNextFor, conclude, holdTrial } from './hold-trial.js';
import type { OwnedTrial } from './hold-trial.js';
import { askOnce, createWorker, longestAskMs } from './ask.js';
import type { AskAnswer } from './ask.js';
import { whole } from './check-options.js';
import type { Connection } from './connect.js';
import { worthwhileMs } from './describe/describer.js';
import { parseDuration } from './duration.js';
import type { Duration } from './duration.js';
import { endAttempt, readTrial } from './end-attempt.js';
import { requireObjective } from './missing-objective.js';
import { outcomeValues, trialErrorOf } from './outcome.js';
import type { Trial } from './trial.js';

/** How to ask. */
export interface AskOptions {
  readonly signal?: AbortSignal;
}

/** How to ask when there need not be a trial. */
export interface WaitingAskOptions extends AskOptions {
  /** The longest wait: milliseconds (0: none), or text such as `'10s'`. */
  readonly wait: Duration;
}

/** Trials handed out one at a time, in the user's own loop. */
export interface AskAndTell<P> {
  ask(options: AskOptions & Partial<WaitingAskOptions>): Promise<Trial<P> | undefined>;
  tell(which: number | string | Trial<P>, result: number | Values | Error): Promise<TrialRecord>;
  each(options: AskOptions): AsyncGenerator<Trial<P>, void, undefined>;
}

let slots = 0;

/** Ask and tell on a study; `study` gives its newest record. */
export function createAskAndTell<P = Params>(connection: Connection, study: () => StudyRecord): AskAndTell<P> {
  const holding = new Map<number, OwnedTrial<P>>();

  const hold = (answer: Extract<AskAnswer, { kind: 'trial' }>, held: boolean): OwnedTrial<P> => {
    const number = Number(answer.assignment.trial!.number);
    const owned = holdTrial<P>({ connection, study: study(), assignment: answer.assignment, held, describeAfterMs: worthwhileMs, onEnd: () => holding.delete(number) });
    holding.set(number, owned);
    return owned;
  };
  /**
   * The trial with what it goes on from; one that cannot be had fails it. Undefined when nobody waits for it any more: this process was
   * held up, and others have taken the trial on.
   */
  const restored = async (owned: OwnedTrial<P>): Promise<Trial<P> | undefined> => {
    try {
      await owned.restore();
      return owned.trial;
    } catch (error) {
      const failure = trialErrorOf(error);
      const { record } = await owned.end({ kind: 'fail', ...failure });
      if (record.attempt !== owned.attempt.attempt || record.reason !== failure.message) return undefined;
      throw error;
    }
  };
  const worker = () => createWorker(connection, `ask${slots++}`);

  return {
    async ask({ wait, signal }) {
      // Each ask is a slot of its own: the trials of several may be evaluated at once.
      const asker = worker();
      const untilMs = wait === undefined ? Number.POSITIVE_INFINITY : connection.clock.monotonicMs() + (wait === 0 ? 0 : parseDuration('wait', wait));
      for (;;) {
        const leftMs = Math.max(0, untilMs - connection.clock.monotonicMs());
        const answer = await askOnce(connection, study(), asker, Math.min(leftMs, longestAskMs), signal);
        const trial = answer.kind === 'trial' ? await restored(hold(answer, false)) : undefined;
        if (trial) return trial;
        if (answer.kind === 'ended') throw endedError(study(), answer.detail);
        if (connection.clock.monotonicMs() >= untilMs) return undefined;
      }
    },
    async tell(which, result) {
      const number = numberOf(which, study().studyId);
      const objectives = study().spec.objectives.map(({ metric }) => metric);
      const own = holding.get(number)?.trial;
      if (own) return result instanceof Error ? own.fail(result) : own.complete(result);
      const ending = result instanceof Error ? ({ kind: 'fail', ...trialErrorOf(result) } as const) : ({ kind: 'complete', values: outcomeValues(result, objectives) } as const);
      // Asked for by another process, or by this one before it was started again.
      const record = await readTrial(connection, { studyId: study().studyId, trial: number });
      if (isTerminal(record.state)) return record;
      if (record.attempt === 0) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `trial ${number} was never handed out`, hint: 'Tell about trials that ask() gave.' });
      if (ending.kind === 'complete') requireObjective({ trial: number, objectives, seen: [...Object.keys(record.metrics), ...Object.keys(ending.values)] });
      const attempt = connection.reporter.register({ studyId: record.studyId, trial: number, attempt: record.attempt, leaseMs: study().spec.rules.leaseMs, held: false, study: study().spec.name });
      return (await endAttempt(ending, { connection, attempt, record, objectives, names: new Set() })).record;
    },
    async *each({ signal }) {
      const asker = worker();
      const objectives = study().spec.objectives.map(({ metric }) => metric);
      let answer: AskAnswer | undefined;
      for (;;) {
        answer ??= await askOnce(connection, study(), asker, longestAskMs, signal);
        if (answer.kind === 'ended') return;
        if (answer.kind !== 'trial') {
          answer = undefined;
          continue;
        }
        const owned = hold(answer, true);
        answer = undefined;
        const trial = await restored(owned);
        if (!trial) continue;
        let through = false;
        try {
          yield trial;
          through = true;
        } finally {
          // Left by break, return or throw.
          if (!through) await owned.end({ kind: 'release', reason: 'the loop over trials was left' });
        }
        const { next } = await owned.end(conclude(owned, undefined, objectives), askNextFor(connection, study(), asker));
        answer = next;
      }
    },
  };
}

function numberOf(which: number | string | Trial<unknown>, studyId: string): number {
  if (typeof which === 'number') return whole('the number of a trial', which, 0);
  const id = typeof which === 'string' ? which : which.id;
  const [, study, number] = /^(.*)\/(\d+)$/.exec(id) ?? [];
  if (number !== undefined && study === studyId) return Number(number);
  const message = number === undefined ? `${JSON.stringify(id)} names no trial` : `trial ${id} belongs to another study`;
  throw new ParamoError({ code: 'INVALID_ARGUMENT', message, hint: 'Give the trial that ask() returned, its id, or its number.' });
}

/** The study is over: nothing more can be asked of it. */
function endedError({ spec, endReason }: StudyRecord, detail: string): ParamoError {
  return new ParamoError({
    code: 'STUDY_ENDED',
    message: `study ${JSON.stringify(spec.name)} has ended${detail || endReason ? ` (${detail || endReason})` : ''}`,
    hint: 'Its results stay readable; raise budget.trials, or give { fresh: true }.',
  });
}
