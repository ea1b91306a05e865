import { AsyncLocalStorage } from 'node:async_hooks';
import { createRandom, ParamoError } from '@paramo/core';
import type { Fidelity, Params, TrialRecord, TrialSource, Values } from '@paramo/core';
import type { Attempt } from './attempt.js';
import { checkNames, whole } from './check-options.js';
import { restoreCheckpoint } from './checkpoints/restore-checkpoint.js';
import { saveCheckpoint } from './checkpoints/save-checkpoint.js';
import type { SaveInto } from './checkpoints/save-checkpoint.js';
import { createCheckpointSchedule } from './checkpoints/schedule.js';
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
   * `fidelity.steps`). Between two steps it waits for decisions and grants; it ends early when the trial should, or has. A trial
   * that is paused or given back takes one more step when its code saves checkpoints and was past the last one it could save.
   */
  steps(steps?: number): AsyncGenerator<number, void, undefined>;
  /**
   * Notes metrics at a step (from 0; by default the step of `steps()`, else one after the other). Never waits, never
   * throws: points that cannot be stored are counted, and said once on stderr.
   */
  log(metrics: Values, step?: number): void;
  /** `log`, and at a milestone waits for the decision: for 2 s at most, not at all while the daemon is away. Never rejects. */
  report(metrics: Values, step?: number): Promise<void>;
  /**
   * Saves the state of the training, when that is due: where the study needs it (a population does at every decision point), when the
   * trial is being paused or this process is told to end, and else once a minute or more rarely, so that saving costs a twentieth of the time at most. It belongs
   * at the end of the loop's body: what it saves counts as the state after the step at hand. `save` writes files into the empty directory
   * it is given. Resolves once the checkpoint is on disk and, where the study decides by it, the decision is known; true when one
   * was saved. A trial that is started again is given its newest one in `resume`.
   * @throws what `save` throws; ParamoError INVALID_ARGUMENT, LIMIT_EXCEEDED for files that no checkpoint can hold. Whatever else keeps it
   * from being stored is said once on stderr, and tried again the next time.
   */
  checkpoint(save: SaveInto, options?: CheckpointOptions): Promise<boolean>;
  /** The checkpoint to go on from: of an earlier attempt of this trial, or of the one it was made from. Undefined: start afresh. */
  readonly resume: ResumePoint | undefined;
  /** Ends the trial well; `values` (a number: the objective) override what was logged. The first end wins. */
  complete(values?: number | Values): Promise<TrialRecord>;
  /** Ends the trial with an error. The first end wins. */
  fail(error: unknown): Promise<TrialRecord>;
  /** Gives the trial back, for another worker or a later time. The first end wins. */
  release(reason?: string): Promise<TrialRecord>;
}

/** The state of the training that a trial goes on from. */
export interface ResumePoint {
  /** The directory that `save` had filled, every byte verified. Its files are read-only, and gone when the trial has ended. */
  readonly dir: string;
  /** Index of the last step that is done; `steps()` goes on with the one after it. */
  readonly step: number;
  /** The trial that took it: this one or another. */
  readonly trial: number;
  /** The hash that names its content. */
  readonly checkpoint: string;
}

/** How to save a checkpoint. */
export interface CheckpointOptions {
  /** Save although none is due; false by default. */
  readonly force?: boolean;
  /** The step after which the state is saved; by default that of the loop. */
  readonly step?: number;
}

/** What is known of a trial when it is handed out. */
export interface TrialTerms {
  readonly record: TrialRecord;
  readonly attempt: Attempt;
  /** Where workers wait for decisions. */
  readonly milestones: DecisionPoints;
  /** Where it needs a checkpoint, or is better off with one. */
  readonly checkpoints: DecisionPoints;
  /** The checkpoint to go on from. */
  readonly source: TrialSource | undefined;
  readonly objectives: readonly string[];
  readonly studySeed: number;
}

/** How a trial ends; given by those who know the study it belongs to. */
export interface TrialEnds {
  /** Whether one of them was called and not refused. */
  readonly begun: boolean;
  complete(values: number | Values | undefined): Promise<TrialRecord>;
  fail(error: unknown): Promise<TrialRecord>;
  release(reason: string): Promise<TrialRecord>;
}

/** A trial with what only this package may do with it. */
export interface HeldTrial<P = Params> {
  readonly trial: Trial<P>;
  readonly attempt: Attempt;
  readonly log: TrialLog;
  /** Fetches what the trial goes on from, before its code may begin. @throws ParamoError CHECKPOINT_NOT_FOUND, DATA_LOSS. */
  restore(): Promise<void>;
  /** Resolves when no checkpoint is being saved; at once where the code that saves one asks, which would wait for itself. */
  saved(): Promise<void>;
  /** Whether its code has called `checkpoint`: asked to end, it saves what it has. */
  readonly savesCheckpoints: boolean;
  /** Removes what was restored. */
  removeRestored(): Promise<void>;
  /** Tells the code to end: this process gives the trial back. */
  abort(reason: string): void;
}

const decisionMs = 2000;
/** How long a checkpoint is tried while the daemon is away: long where the trial could not go on without it. */
const shortPatienceMs = 60_000;
const longPatienceMs = 600_000;
const checkpointNames = ['force', 'step'] as const;
/** The attempt whose state is being saved by the code that runs. */
const savingCode = new AsyncLocalStorage<Attempt>();

/** A trial handed out to this process. */
export function createTrial<P>({ connection, terms, ends }: { readonly connection: Connection; readonly terms: TrialTerms; readonly ends: TrialEnds }): HeldTrial<P> {
  const { reporter, clock } = connection;
  const { record, attempt, milestones } = terms;
  const from = terms.source?.done ?? 0;
  const log = createTrialLog({ reporter, attempt, objectives: terms.objectives, from });
  const schedule = createCheckpointSchedule(clock, terms.checkpoints, from, milestones.barrier);
  const controller = new AbortController();
  const fidelity = record.fidelity ?? {};
  let own: StopNotice | undefined;
  let waitedDone = from;
  let loopDone = from;
  let resume: ResumePoint | undefined;
  let saving: Promise<void> | undefined;
  let saves = false;
  /** The step that was taken although the trial is to leave. */
  let lastStep: number | undefined;

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

  /** Told to leave for a later time: paused, or given back. */
  const isLeaving = (): boolean => {
    const cause = notice()?.cause;
    return cause === 'pause' || cause === 'aborted';
  };
  /**
   * Whether the loop may take another step. Told to leave after it has come past `checkpoint`, the code gets one more, at the end of which it
   * comes there again: else all since the last checkpoint would be done once more.
   */
  const mayGoOn = (): boolean => {
    if (ends.begun) return false;
    if (!notice()) return true;
    if (!saves || !isLeaving() || !schedule.isDue(loopDone, true)) return false;
    lastStep ??= loopDone;
    return lastStep === loopDone;
  };

  /** Saves the state after `done` steps, when a checkpoint is due or forced. */
  const saveWhenDue = async (save: SaveInto, done: number, force: boolean): Promise<boolean> => {
    const due = (!notice() || isLeaving()) && schedule.isDue(done, isLeaving());
    if (done === 0 || !(due || force)) return false;
    const beginMs = clock.monotonicMs();
    const saved = await saveCheckpoint({ connection, attempt, done, save: (directory) => savingCode.run(attempt, () => save(directory)), patienceMs: milestones.barrier ? longPatienceMs : shortPatienceMs });
    schedule[saved ? 'saved' : 'failed'](done, clock.monotonicMs() - beginMs);
    return saved;
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
        if (!mayGoOn() || !(await granted(loopDone + 1)) || !mayGoOn()) return;
        const step = loopDone;
        log.enter(step);
        yield step;
        loopDone = step + 1;
        reporter.progress(attempt, loopDone);
        // Somebody forgot to wait for it: what comes after it must not overtake it.
        await saving;
        await decide();
      }
    },
    log: (metrics, step) => log.log(metrics, step),
    async report(metrics, step) {
      log.log(metrics, step);
      await decide();
    },
    async checkpoint(save, options = {}) {
      checkNames(options, checkpointNames);
      if (typeof save !== 'function') throw new ParamoError({ code: 'INVALID_OPTIONS', message: 'what saves the checkpoint is not a function', hint: 'Pass async (dir) => { … } that writes files into the directory.' });
      if (ends.begun) return false;
      saves = true;
      // From here on the loop waits for it, even where its caller does not.
      const done = options.step === undefined ? log.done : whole('step', options.step, 0) + 1;
      const saved = (saving ?? Promise.resolve()).then(() => saveWhenDue(save, done, options.force === true));
      const settled = saved.then(() => undefined, () => undefined);
      saving = settled;
      try {
        return await saved;
      } finally {
        if (saving === settled) saving = undefined;
      }
    },
    get resume() {
      return resume;
    },
    complete: (values) => ends.complete(values),
    fail: (error) => ends.fail(error),
    release: (reason = '') => ends.release(reason),
  };
  return {
    trial,
    attempt,
    log,
    async restore() {
      const { source } = terms;
      if (!source) return;
      const dir = await connection.workFolder.open();
      resume = { dir, step: source.done - 1, trial: source.trial, checkpoint: source.checkpoint };
      await restoreCheckpoint(connection, { studyId: record.studyId, source, into: dir, share: true });
    },
    async saved() {
      if (savingCode.getStore() === attempt) return;
      while (saving) await saving;
    },
    get savesCheckpoints() {
      return saves;
    },
    async removeRestored() {
      if (resume) await connection.workFolder.remove(resume.dir);
    },
    abort(reason) {
      own ??= { cause: 'aborted', reason };
      abortIfStopped();
    },
  };
}
