import { createRandom } from '@paramo/core';
import type { Fidelity, Params, TrialRecord, Values } from '@paramo/core';
import type { Attempt } from './attempt.js';
import type { Connection } from './connect.js';
import type { DecisionPoints } from './decision-points.js';
import { createTrialLog } from './trial-log.js';
import type { TrialLog } from './trial-log.js';
import { waitForNews } from './wait-for-news.js';

/** Why a trial should end before its code has come to its end. */
export interface StopNotice {
  /**
   * `stop`, `pause`: decided by the stopper, the strategy or a person; `fenced`: another worker has the trial now;
   * `ended`: it is over already; `budget`: no further step is granted; `aborted`: this process gives it back.
   */
  readonly cause: 'stop' | 'pause' | 'fenced' | 'ended' | 'budget' | 'aborted';
  /** In words. */
  readonly reason: string;
}

/** What code that evaluates a configuration holds in its hands. */
export interface Trial<P = Params> {
  /** Names it among all trials: `STUDY_ID/NUMBER`. */
  readonly id: string;
  /** 0, 1, 2, … in its study. */
  readonly number: number;
  /** The configuration; frozen. */
  readonly params: P;
  /** Which try of the trial this is, from 1. */
  readonly attempt: number;
  /** For the trainer's random numbers: the same for every attempt of this trial. */
  readonly seed: number;
  /** What is asked beside the params: at most so many steps, such a share of the data. */
  readonly fidelity: Fidelity;
  /** Aborted when the trial should end; `stopped` says why. */
  readonly signal: AbortSignal;
  /** Why the trial should end; undefined while it should go on. */
  readonly stopped: StopNotice | undefined;
  /**
   * Counts the steps of the training, from where it stands up to `steps` done in all (default and upper bound:
   * `fidelity.steps`). Between two steps it waits for decisions and grants; it ends early when the trial should, or has.
   */
  steps(steps?: number): AsyncGenerator<number, void, undefined>;
  /**
   * Notes metrics at a step (from 0; by default the step of `steps()`, else one after the other). Never waits, never
   * throws: points that cannot be stored are counted, and said once on stderr.
   */
  log(metrics: Values, step?: number): void;
  /** `log`, and at a milestone waits for the decision: for 2 s at most, not at all while the daemon is away. Never rejects. */
  report(metrics: Values, step?: number): Promise<void>;
  /** Ends the trial well; `values` (a number: the objective) override what was logged. The first end wins. */
  complete(values?: number | Values): Promise<TrialRecord>;
  /** Ends the trial with an error. The first end wins. */
  fail(error: unknown): Promise<TrialRecord>;
  /** Gives the trial back, for another worker or a later time. The first end wins. */
  release(reason?: string): Promise<TrialRecord>;
}

/** What is known of a trial when it is handed out. */
export interface TrialTerms {
  readonly record: TrialRecord;
  readonly attempt: Attempt;
  /** Where workers wait for decisions. */
  readonly milestones: DecisionPoints;
  /** Where it needs a checkpoint, or is better off with one. */
  readonly checkpoints: DecisionPoints;
  readonly objectives: readonly string[];
  readonly studySeed: number;
}

/** How a trial ends; given by those who know the study it belongs to. */
export interface TrialEnds {
  complete(values: number | Values | undefined): Promise<TrialRecord>;
  fail(error: unknown): Promise<TrialRecord>;
  release(reason: string): Promise<TrialRecord>;
}

/** A trial with what only this package may do with it. */
export interface HeldTrial<P = Params> {
  readonly trial: Trial<P>;
  readonly attempt: Attempt;
  readonly log: TrialLog;
  /** Tells the code to end: this process gives the trial back. */
  abort(reason: string): void;
}

const decisionMs = 2000;

/** A trial handed out to this process. */
export function createTrial<P>({ connection, terms, ends }: { readonly connection: Connection; readonly terms: TrialTerms; readonly ends: TrialEnds }): HeldTrial<P> {
  const { reporter, clock } = connection;
  const { record, attempt, milestones } = terms;
  const log = createTrialLog(reporter, attempt, terms.objectives, record.number);
  const controller = new AbortController();
  const fidelity = record.fidelity ?? {};
  let own: StopNotice | undefined;
  let waitedDone = 0;
  let loopDone = 0;

  const notice = (): StopNotice | undefined => own ?? (attempt.verdict === 'continue' ? undefined : { cause: attempt.verdict, reason: attempt.reason });
  const abortIfStopped = (): void => {
    const stopped = notice();
    if (stopped && !controller.signal.aborted) controller.abort(new DOMException(`trial ${record.number} should end: ${stopped.reason || stopped.cause}`, 'AbortError'));
  };
  attempt.onNews(abortIfStopped);

  const decide = async (): Promise<void> => {
    const done = log.objectiveDone;
    const isMilestone = milestones.passed(waitedDone, done);
    waitedDone = Math.max(waitedDone, done);
    if (!isMilestone || notice()) return;
    reporter.flush();
    await waitForNews({
      attempt,
      reporter,
      clock,
      until: () => attempt.decidedDone >= done || notice() !== undefined,
      ...(!milestones.barrier && { timeoutMs: decisionMs }),
      goOnWhenAway: true,
      signal: controller.signal,
    });
  };
  /** Whether the step may be taken. A grant is a hard limit, so this waits for the daemon however long that is away. */
  const granted = async (done: number): Promise<boolean> => {
    if (done <= attempt.granted) return true;
    const until = (): boolean => done <= attempt.granted || notice() !== undefined;
    for (;;) {
      reporter.flush();
      await waitForNews({ attempt, reporter, clock, until, timeoutMs: decisionMs, goOnWhenAway: false, signal: controller.signal });
      if (until() || controller.signal.aborted) break;
      if (!reporter.away && !attempt.hasWork) {
        own = { cause: 'budget', reason: 'no further steps are granted' };
        abortIfStopped();
        break;
      }
    }
    return done <= attempt.granted;
  };

  const trial: Trial<P> = {
    id: `${record.studyId}/${record.number}`,
    number: record.number,
    params: Object.freeze({ ...record.params }) as P,
    attempt: attempt.attempt,
    seed: record.seed ?? createRandom('trial seed', terms.studySeed, record.number).uint32(),
    fidelity,
    signal: controller.signal,
    get stopped() {
      return notice();
    },
    async *steps(steps = Number.POSITIVE_INFINITY) {
      const end = Math.min(steps, fidelity.steps ?? Number.POSITIVE_INFINITY);
      while (loopDone < end) {
        if (attempt.finishing || notice() || !(await granted(loopDone + 1)) || notice()) return;
        const step = loopDone;
        log.enter(step);
        yield step;
        loopDone = step + 1;
        reporter.progress(attempt, loopDone);
        await decide();
      }
    },
    log: (metrics, step) => log.log(metrics, step),
    async report(metrics, step) {
      log.log(metrics, step);
      await decide();
    },
    complete: (values) => ends.complete(values),
    fail: (error) => ends.fail(error),
    release: (reason = '') => ends.release(reason),
  };
  return {
    trial,
    attempt,
    log,
    abort(reason) {
      own ??= { cause: 'aborted', reason };
      abortIfStopped();
    },
  };
}
