import { createSpace, isTerminal, ParamoError, type Budget, type Clock, type Fidelity, type Json, type LogEntry, type Params, type StudyPlan, type StudyRecord, type StudyRules, type TrialId, type TrialRecord, type Values, type Worker } from '@paramo/core';
import type { PluginHost } from '../host/host.js';
import { openAdmission, type Ask, type AskAnswer } from './admission.js';
import { completeAttempt, failAttempt, releaseAttempt, type Ending, type TrialFailure } from './endings.js';
import { noMilestones } from './era.js';
import { importInto, type ImportCount, type ImportedTrial } from './importing.js';
import type { Journal } from './journal.js';
import { endAttempt, loseAttempt, startAttempt } from './leases.js';
import { reachedLimit } from './limits.js';
import { closeStudy, decide, openPlanner } from './planner.js';
import { replayStudy, type ReplayProgress } from './replay.js';
import { awaitDecided, receiveBatch, type ReceivedBatch } from './reporting.js';
import { leaseAttempt, withProgress, type StudyMilestones, type StudyRuntime } from './runtime.js';
import { trialSeed } from './study-state.js';
import type { AttemptUpdate, UpdateBus } from './update-bus.js';
import { deleteTrialData } from '../store/deletion.js';
import type { Store } from '../store/store.js';
import type { StudyStore } from '../store/study-store.js';

/** A trial whose params somebody brings along. */
export interface GivenTrial {
  readonly params: Params;
  readonly requestId: string;
  readonly fidelity?: Fidelity;
  readonly seed?: number;
  readonly attributes: Readonly<Record<string, Json>>;
  readonly retryOf?: TrialId;
  /** Lease it to this worker at once. */
  readonly startFor?: Worker;
}

/** Changes of a study; absent fields stay as they are. */
export interface StudyChanges {
  readonly name?: string;
  readonly budget?: Budget;
  readonly rules?: StudyRules;
  readonly labels?: Readonly<Record<string, string>>;
  readonly state?: StudyRecord['state'];
  readonly reason: string;
}

/** What a person may ask of a trial. */
export type TrialControl = 'stop' | 'pause' | 'resume' | 'cancel' | 'retract';

/** A study at work: the only place that writes its log. Every promise resolves once what it says is on disk. */
export interface Study {
  readonly journal: Journal;
  /** Resolves once its plugins are at work. */
  readonly ready: Promise<void>;
  ask(ask: Ask): Promise<AskAnswer>;
  report(batch: ReceivedBatch): Promise<AttemptUpdate>;
  /** Waits until plugins have decided about all that was reported before `update`, at most `waitMs`; the newest news then. */
  decided(update: AttemptUpdate, waitMs: number, signal: AbortSignal): Promise<AttemptUpdate>;
  readonly milestones: StudyMilestones;
  /** Like `fail` and `release`, throws at once what it refuses, before anything is written. */
  complete(ending: Ending, values: Values): Promise<TrialRecord>;
  fail(ending: Ending, failure: TrialFailure): Promise<TrialRecord>;
  release(ending: Ending, reason: string): Promise<TrialRecord>;
  enqueue(given: GivenTrial): Promise<{ readonly trial: TrialRecord; readonly attempt: number | undefined }>;
  control(trial: TrialId, action: TrialControl, reason: string): Promise<TrialRecord>;
  /** Drops the series of a trial that is over; its log events stay. */
  deleteTrial(trial: TrialId): Promise<TrialRecord>;
  /** Adds finished trials from elsewhere; they count for no budget. */
  importTrials(trials: readonly ImportedTrial[]): Promise<ImportCount>;
  update(changes: StudyChanges): Promise<void>;
  /** Changes the plan: a new revision and a new era. */
  revise(plan: StudyPlan): Promise<void>;
  /** The worker process ended: its attempts are lost at once. */
  goodbye(process: string): void;
  /** A trial with the progress of its running attempt. */
  trial(trial: TrialId): TrialRecord | undefined;
  withProgress(trial: TrialRecord): TrialRecord;
  replay(): AsyncIterable<ReplayProgress>;
  close(): Promise<void>;
}

/** What a study runs on. */
export interface StudyOptions {
  readonly journal: Journal;
  readonly store: Store;
  readonly studies: StudyStore;
  readonly clock: Clock;
  readonly bus: UpdateBus;
  readonly host: PluginHost;
}

/** Puts a study to work. Attempts that ran when the daemon ended get a whole new lease: downtime expires nothing. */
export function openStudy({ journal, store, studies, clock, bus, host }: StudyOptions): Study {
  const { state } = journal;
  const { studyId } = state;
  let markMs = clock.monotonicMs();
  let cancelWall = (): void => undefined;

  const runtime: StudyRuntime = {
    studyId, journal, store, studies, clock, bus, attempts: new Map(), milestones: noMilestones,
    commit(entries, also) {
      countWall();
      const durable = journal.append(entries, also);
      // Whoever waits for it sees the failure; a failed commit fails the store and with it the daemon.
      durable.catch(() => undefined);
      for (const entry of entries) if (entry.kind === 'trial_decided') tell(entry.trial);
      admission.serve();
      planner.wake();
      watchWall();
      return durable;
    },
    onExpired(attempt) {
      void loseAttempt(runtime, attempt, `its worker was silent for ${attempt.leaseMs / 1000} s`);
    },
  };
  const admission = openAdmission(runtime, () => planner.wake());
  const planner = openPlanner({ runtime, host, waiting: () => admission.waiting });
  for (const { record } of state.live.values()) {
    if (record.state === 'running' && record.worker) restoreLease(record, record.worker);
  }
  let planning = false;
  void planner.ready.then(() => {
    planning = true;
  });
  planner.wake();
  watchWall();

  function restoreLease(record: TrialRecord, worker: Worker): void {
    const attempt = leaseAttempt(runtime, record.number, record.attempt, worker, state.record.spec.rules.leaseMs);
    const standing = state.live.get(record.number)?.standing;
    if (!standing) return;
    attempt.verdict = standing.action;
    attempt.reason = standing.reason;
  }

  function tell(trial: TrialId): void {
    // After the decision has reached the attempt, which happens right after the commit that calls this.
    queueMicrotask(() => {
      const attempt = runtime.attempts.get(trial);
      if (attempt) bus.publish(attempt.worker.process, attempt.update(0));
    });
  }

  /** Adds the time since the last look to the wall time spent, when something was running. */
  function countWall(): void {
    const { spent, counts } = state.record;
    if (counts.running === 0) {
      markMs = clock.monotonicMs();
      return;
    }
    const passedMs = Math.floor(clock.monotonicMs() - markMs);
    state.record = { ...state.record, spent: { ...spent, wallMs: spent.wallMs + passedMs } };
    markMs += passedMs;
  }

  function watchWall(): void {
    cancelWall();
    const { spec, spent, counts, state: now } = state.record;
    if (spec.budget.wallMs === undefined || counts.running === 0 || now === 'ended') return;
    cancelWall = clock.setTimer(Math.max(1, spec.budget.wallMs - spent.wallMs), () => {
      countWall();
      planner.wake();
    });
  }

  function known(trial: TrialId): TrialRecord {
    const record = journal.trial(trial);
    if (record) return record;
    const has = state.nextTrial === 0 ? 'it has none yet' : `it has 0 to ${state.nextTrial - 1}`;
    throw new ParamoError({ code: 'TRIAL_NOT_FOUND', message: `study "${state.record.spec.name}" has no trial ${trial}; ${has}`, hint: 'Name one of those.' });
  }

  function checkOpen(): void {
    const { record, closed } = state;
    if (record.state !== 'ended' && !closed) return;
    const reason = record.endReason ?? closed!.reason;
    throw new ParamoError({
      code: reason === 'budget' ? 'BUDGET_EXHAUSTED' : 'STUDY_ENDED', message: `study "${record.spec.name}" takes no further trial (${reason}: ${record.endDetail || closed?.detail})`,
      hint: reason === 'budget' ? 'Raise the budget, or give { fresh: true } to start over.' : 'Open it again, or give { fresh: true } to start over.',
    });
  }

  async function enqueue(given: GivenTrial): Promise<{ trial: TrialRecord; attempt: number | undefined }> {
    const answered = given.requestId === '' ? undefined : studies.request(studyId, given.requestId);
    if (answered) return { trial: known(answered.trial), attempt: answered.attempt || undefined };
    checkOpen();
    const { spec, revision } = state.record;
    if (spec.space) createSpace(spec.space).validate(given.params);
    if (given.retryOf !== undefined) known(given.retryOf);
    const { params, fidelity, attributes, retryOf, startFor } = given;
    const trial = state.nextTrial;
    const created: LogEntry = {
      kind: 'trial_created', trial, by: 'user', params, revision, seen: 0, because: { kind: 'user', detail: startFor ? 'tracked' : 'enqueued' }, attributes,
      seed: given.seed ?? trialSeed(spec.seed, trial), ...(fidelity && { fidelity }), ...(retryOf === undefined ? {} : { retryOf }),
    };
    // Appended and started in one turn, so that nobody else is served in between; both are one transaction.
    const durable = journal.append([created], (writes) => {
      if (given.requestId !== '' && !startFor) writes.request(studyId, given.requestId, { trial, attempt: 0 });
    });
    const started = startFor && startAttempt(runtime, state.live.get(trial)!, startFor, given.requestId);
    if (!started) void runtime.commit([]);
    await Promise.all([durable, started?.durable]);
    return { trial: known(trial), attempt: started?.attempt.number };
  }

  async function control(trial: TrialId, action: TrialControl, reason: string): Promise<TrialRecord> {
    const record = known(trial);
    if (action === 'retract') {
      if (!record.retracted) await planner.restart({ reason: `trial ${trial} was retracted`, entries: [{ kind: 'trial_retracted', trial, reason }] });
      return known(trial);
    }
    if (isTerminal(record.state)) {
      throw new ParamoError({ code: 'TRIAL_ENDED', message: `trial ${trial} is ${record.state}`, hint: 'Only a trial that is not over can be stopped, paused, resumed or cancelled.' });
    }
    if (action === 'stop' || action === 'pause') {
      decide(runtime, { trial, action, reason: reason || 'asked for' }, 'user', 0);
    } else if (action === 'resume') {
      if (record.state === 'paused') void runtime.commit([{ kind: 'trial_resumed', trial, by: 'user', because: { kind: 'user', detail: reason }, seen: 0 }]);
    } else {
      const attempt = runtime.attempts.get(trial);
      if (attempt) endAttempt(runtime, attempt);
      const metrics = attempt?.metrics.last ?? record.metrics;
      void runtime.commit([{ kind: 'trial_ended', trial, attempt: record.attempt, state: 'cancelled', done: Math.max(record.done, attempt?.metrics.done ?? 0), reason: reason || 'asked for', values: {}, metrics }]);
      if (attempt) bus.publish(attempt.worker.process, { ...attempt.update(0), verdict: 'ended', reason: reason || `trial ${trial} was cancelled` });
    }
    await store.commit([]);
    return known(trial);
  }

  async function update({ state: wanted, reason, ...changes }: StudyChanges): Promise<void> {
    const before = state.record;
    const entries: LogEntry[] = [];
    const stateChange = wanted !== 'ended' && before.state !== 'ended' && wanted !== undefined && wanted !== before.state ? { state: wanted } : {};
    if (Object.keys(changes).length > 0 || stateChange.state) entries.push({ kind: 'study_updated', ...changes, ...stateChange, reason });
    void runtime.commit(entries);
    if (wanted === 'ended' && before.state !== 'ended') {
      if (before.state === 'paused') void runtime.commit([{ kind: 'study_updated', state: 'open', reason: 'to be ended' }]);
      if (!state.closed) closeStudy(runtime, 'user', reason || 'ended by a person', true);
    }
    // A raised budget opens a study that its budget had ended; anything else is opened by asking for it.
    const raised = before.state === 'ended' && before.endReason === 'budget' && changes.budget !== undefined && !reachedLimit(state);
    if (before.state === 'ended' && (wanted === 'open' || raised)) {
      void runtime.commit([{ kind: 'study_opened', reason: reason || 'the budget allows more' }]);
      await planner.restart();
    }
    await store.commit([]);
  }

  const afterwards = async (trial: TrialId, durable: Promise<void>): Promise<TrialRecord> => {
    await durable;
    return known(trial);
  };

  return {
    journal,
    ready: planner.ready,
    async ask(ask) {
      await planner.ready;
      return admission.ask(ask);
    },
    async report(batch) {
      if (!planning) await planner.ready;
      return receiveBatch(runtime, batch);
    },
    decided: (update, waitMs, signal) => awaitDecided(runtime, update, waitMs, signal),
    get milestones() {
      return runtime.milestones;
    },
    complete: (ending, values) => afterwards(ending.trial, completeAttempt(runtime, ending, values)),
    fail: (ending, failure) => afterwards(ending.trial, failAttempt(runtime, ending, failure)),
    release: (ending, reason) => afterwards(ending.trial, releaseAttempt(runtime, ending, reason)),
    enqueue,
    control,
    async deleteTrial(trial) {
      if (!isTerminal(known(trial).state)) {
        throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `trial ${trial} is ${known(trial).state}`, hint: 'Cancel it first; only a trial that is over can be deleted.' });
      }
      await runtime.commit([{ kind: 'trial_deleted', trial }]);
      await deleteTrialData(store, studyId, trial);
      return known(trial);
    },
    importTrials: (trials) => importInto(runtime, trials),
    update,
    async revise(plan) {
      const revision = state.record.revision + 1;
      await planner.restart({ reason: `revision ${revision}`, entries: [{ kind: 'study_revised', revision, plan }] });
    },
    goodbye(process) {
      for (const attempt of [...runtime.attempts.values()]) {
        if (attempt.worker.process === process) void loseAttempt(runtime, attempt, 'its process ended');
      }
    },
    trial: (trial) => {
      const record = journal.trial(trial);
      return record && withProgress(runtime, record);
    },
    withProgress: (trial) => withProgress(runtime, trial),
    replay: () => replayStudy(journal, host),
    async close() {
      cancelWall();
      admission.close();
      for (const attempt of runtime.attempts.values()) attempt.close();
      await planner.close();
    },
  };
}

/** Whether a study has anything to do by itself, so that it must be put to work when the daemon starts. */
export function needsWork(record: StudyRecord): boolean {
  return record.state !== 'ended' || record.counts.running > 0;
}
