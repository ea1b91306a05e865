import { isTerminal, ParamoError, type Clock, type LogEntry, type StudyPlan, type Step, type StudyRecord, type TrialId, type TrialRecord, type Values, type Worker } from '@paramo/core';
import type { PluginHost } from '../host/host.js';
import { deleteTrialData } from '../store/deletion.js';
import type { StudyStore } from '../store/study-store.js';
import { attach, type AttachedAttempt } from './attaching.js';
import { openAdmission, type Ask, type AskAnswer } from './admission.js';
import { assertUnpinned, checkpointingAttempt, commitCheckpoint, dropCheckpoints, listStray, type TakenCheckpoint } from './checkpointing.js';
import { controlTrial, type TrialControl } from './control.js';
import { completeAttempt, failAttempt, releaseAttempt, type Ending, type TrialFailure } from './endings.js';
import { enqueue, type GivenTrial } from './enqueue.js';
import { noMilestones } from './era.js';
import { importInto, type ImportCount, type ImportedTrial } from './importing.js';
import { createInFlight } from './in-flight.js';
import { watchHosts, type HeldHost } from './hosts.js';
import type { Journal } from './journal.js';
import { loseAttempt, type AttemptName } from './leases.js';
import { openPlanner } from './planner.js';
import { replayStudy, type ReplayProgress } from './replay.js';
import { awaitDecided, reportBatch, type ReceivedBatch } from './reporting.js';
import { resumeRun, type ResumedRun } from './resume-run.js';
import { leaseAttempt, withProgress, type StudyMilestones, type StudyRuntime } from './runtime.js';
import { changeStudy, type StudyChanges } from './study-changes.js';
import type { AttemptUpdate, UpdateBus } from './update-bus.js';
import { openWallMeter } from './wall-meter.js';
import type { ProcessCheck } from './worker-process.js';

/** A study at work: the only place that writes its log. Every promise resolves once what it says is on disk. */
export interface Study {
  readonly journal: Journal;
  /** Resolves once its plugins are at work. */
  readonly ready: Promise<void>;
  readonly milestones: StudyMilestones;
  ask(ask: Ask): Promise<AskAnswer>;
  /** Lets a process report beside the worker of an attempt. @throws ParamoError TRIAL_NOT_FOUND, FENCED, TRIAL_ENDED. */
  attach(name: AttemptName, writer: string): AttachedAttempt;
  /** A process that reported beside workers is gone. */
  detach(process: string): void;
  report(batch: ReceivedBatch): Promise<AttemptUpdate>;
  /** Makes sure that an attempt may take a checkpoint of step `done`, before its content comes. @throws ParamoError what `checkpoint` would. */
  expectCheckpoint(name: AttemptName, done: Step): void;
  /** Makes a checkpoint, its content on disk, the one the trial goes on from. @throws ParamoError FENCED, TRIAL_ENDED, TRIAL_NOT_FOUND, INVALID_ARGUMENT. */
  checkpoint(taken: TakenCheckpoint): Promise<AttemptUpdate>;
  /** Waits until plugins have decided about all that was reported before `update`, at most `waitMs`; the newest news then. */
  decided(update: AttemptUpdate, waitMs: number, signal: AbortSignal): Promise<AttemptUpdate>;
  /** Like `fail` and `release`, throws at once what it refuses, before the attempt is ended. */
  complete(ending: Ending, values: Values): Promise<TrialRecord>;
  fail(ending: Ending, failure: TrialFailure): Promise<TrialRecord>;
  release(ending: Ending, reason: string): Promise<TrialRecord>;
  enqueue(given: GivenTrial): Promise<{ readonly trial: TrialRecord; readonly attempt: number | undefined }>;
  /** Takes a tracked run up again. */
  resumeRun(resumed: ResumedRun): Promise<{ readonly trial: TrialRecord; readonly attempt: number | undefined }>;
  control(trial: TrialId, action: TrialControl, reason: string): Promise<TrialRecord>;
  /** Replaces the attributes of a trial that are named, and removes those that are null. */
  annotate(trial: TrialId, attributes: TrialRecord['attributes']): Promise<TrialRecord>;
  /** Drops the series of a trial that is over; its log events stay. */
  deleteTrial(trial: TrialId): Promise<TrialRecord>;
  /** Adds finished trials from elsewhere; they count for no budget. */
  importTrials(trials: readonly ImportedTrial[]): Promise<ImportCount>;
  update(changes: StudyChanges): Promise<void>;
  /** Changes the plan: a new revision and a new era. */
  revise(plan: StudyPlan): Promise<void>;
  /** Hosts that get no trial for a while. */
  held(): readonly HeldHost[];
  /** The workers of a process that hold trials. */
  workers(process: string): readonly Worker[];
  /** The connection of a worker process broke: what it holds has a grace. */
  disconnected(process: string): void;
  /** The worker process ended: its attempts are lost at once. */
  goodbye(process: string, reason: string): void;
  /** Calls `listener` once a running attempt is over; undefined: it does not run. The returned function ends that. */
  onOver(name: AttemptName, listener: () => void): (() => void) | undefined;
  /** A trial with the progress of its running attempt, points on their way to disk included. */
  withProgress(trial: TrialRecord): TrialRecord;
  replay(): AsyncIterable<ReplayProgress>;
  /** Serves the workers that wait, now that the disk has room again. */
  serve(): void;
  close(): Promise<void>;
}

/** What a study runs on. */
export interface StudyOptions {
  readonly journal: Journal;
  readonly studies: StudyStore;
  readonly clock: Clock;
  readonly bus: UpdateBus;
  readonly host: PluginHost;
  readonly processes: ProcessCheck | undefined;
}

/** Puts a study to work. Attempts that ran when the daemon ended get a whole new lease: downtime expires nothing. */
export function openStudy({ journal, studies, clock, bus, host, processes }: StudyOptions): Study {
  const { state } = journal;
  const { studyId } = state;
  let closed = false;
  /** Resolves once the newest commit is on disk and its workers are told. */
  let announced = Promise.resolve();

  const runtime: StudyRuntime = {
    studyId, journal, studies, clock, bus, processes, attempts: new Map(), idle: new Map(), requests: createInFlight(), sequences: createInFlight(), origins: createInFlight(), milestones: noMilestones,
    commit(entries, also) {
      wall.count();
      const durable = journal.append(entries, also);
      // A failed commit fails the store and with it the daemon; whoever waits for this one sees it too.
      announced = durable.then(() => announce(entries), () => undefined);
      // What names a checkpoint anew is on disk before one that nobody names goes.
      if (state.dropped.length > 0) durable.then(() => dropCheckpoints(runtime)).catch(() => undefined);
      for (const entry of entries) {
        if (entry.kind === 'trial_ended') runtime.idle.delete(entry.trial);
        if (entry.kind === 'trial_ended' || entry.kind === 'trial_yielded') hosts.look(journal.trial(entry.trial)?.worker?.host ?? '');
      }
      admission.serve();
      planner.wake();
      wall.watch();
      return durable;
    },
    async settled() {
      await Promise.all([journal.settled(), announced]);
    },
    onExpired(attempt, reason) {
      void loseAttempt(runtime, attempt, reason);
    },
  };
  listStray(runtime);
  void dropCheckpoints(runtime).catch(() => undefined);
  const wall = openWallMeter(runtime, () => planner.wake());
  const hosts = watchHosts(runtime, () => admission.serve());
  const admission = openAdmission(runtime, hosts, () => planner.wake());
  for (const { record } of state.live.values()) {
    if (record.state === 'running' && record.worker) restoreLease(record, record.worker);
  }
  const planner = openPlanner({ runtime, host, waiting: () => admission.waiting });
  let planning = false;
  void planner.ready.then(() => {
    planning = true;
  });
  planner.wake();
  wall.watch();

  function restoreLease({ number, attempt }: TrialRecord, worker: Worker): void {
    const restored = leaseAttempt(runtime, { trial: number, number: attempt, worker, leaseMs: state.record.spec.rules.leaseMs });
    const standing = state.live.get(number)?.standing;
    if (standing) restored.tell(standing.action, standing.reason);
    // Whether the plugins were asked since its last report and checkpoint, nobody knows any more: they are now.
    if (state.record.spec.strategy) restored.awaitDecision(restored.metrics.done, state.record.position);
  }

  /** Tells workers what was decided about their trials, now that it is on disk. */
  function announce(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (entry.kind !== 'trial_decided' && entry.kind !== 'trial_resumed') continue;
      const attempt = runtime.attempts.get(entry.trial);
      if (!attempt) continue;
      const standing = state.live.get(entry.trial)?.standing;
      attempt.tell(standing?.action ?? 'continue', standing?.reason ?? '');
      for (const process of attempt.processes) bus.publish(process, attempt.update(0));
    }
  }

  function known(trial: TrialId): TrialRecord {
    const record = journal.trial(trial);
    if (record) return record;
    const has = state.nextTrial === 0 ? 'it has none yet' : `it has 0 to ${state.nextTrial - 1}`;
    throw new ParamoError({ code: 'TRIAL_NOT_FOUND', message: `study "${state.record.spec.name}" has no trial ${trial}; ${has}`, hint: 'Name one of those.' });
  }

  function assertOpen(): void {
    if (closed) throw new ParamoError({ code: 'UNAVAILABLE', message: `study "${state.record.spec.name}" is being closed`, hint: 'Try again; if it was deleted, open it by its name.' });
  }

  /** An end's refusals are thrown at once; the record as it stands follows once it is on disk. */
  function ended(trial: TrialId, durable: Promise<void>): Promise<TrialRecord> {
    return durable.then(() => known(trial));
  }

  return {
    journal,
    ready: planner.ready,
    get milestones() {
      return runtime.milestones;
    },
    async ask(ask) {
      if (!planning) await planner.ready;
      assertOpen();
      return admission.ask(ask);
    },
    attach(name, writer) {
      assertOpen();
      return attach(runtime, name, writer);
    },
    detach(process) {
      for (const attempt of runtime.attempts.values()) attempt.detach(process);
    },
    async report(batch) {
      if (!planning) await planner.ready;
      assertOpen();
      return reportBatch(runtime, batch);
    },
    expectCheckpoint(name, done) {
      assertOpen();
      checkpointingAttempt(runtime, name, done);
    },
    async checkpoint(taken) {
      assertOpen();
      return commitCheckpoint(runtime, taken);
    },
    decided: (update, waitMs, signal) => awaitDecided(runtime, update, waitMs, signal),
    complete(ending, values) {
      assertOpen();
      return ended(ending.trial, completeAttempt(runtime, ending, values));
    },
    fail(ending, failure) {
      assertOpen();
      return ended(ending.trial, failAttempt(runtime, ending, failure));
    },
    release(ending, reason) {
      assertOpen();
      return ended(ending.trial, releaseAttempt(runtime, ending, reason));
    },
    async enqueue(given) {
      assertOpen();
      const { trial, attempt } = await enqueue(runtime, given);
      return { trial: known(trial), attempt };
    },
    async resumeRun(resumed) {
      assertOpen();
      const { trial, attempt } = await resumeRun(runtime, resumed);
      return { trial: known(trial), attempt };
    },
    async annotate(trial, attributes) {
      assertOpen();
      known(trial);
      if (Object.keys(attributes).length > 0) await runtime.commit([{ kind: 'trial_updated', trial, attributes }]);
      return known(trial);
    },
    async control(trial, action, reason) {
      assertOpen();
      await controlTrial(runtime, known(trial), action, reason, (renewal) => planner.restart(renewal));
      return known(trial);
    },
    async deleteTrial(trial) {
      assertOpen();
      if (!isTerminal(known(trial).state)) {
        throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `trial ${trial} is ${known(trial).state}`, hint: 'Cancel it first; only a trial that is over can be deleted.' });
      }
      assertUnpinned(runtime, known(trial));
      await runtime.commit([{ kind: 'trial_deleted', trial }], (writes) => writes.trialDeletion(studyId, trial));
      await deleteTrialData(studies.store, studyId, trial);
      return known(trial);
    },
    async importTrials(trials) {
      assertOpen();
      const shortage = studies.store.shortage();
      if (shortage) throw shortage;
      return importInto(runtime, trials);
    },
    async update(changes) {
      assertOpen();
      await changeStudy(runtime, changes, () => planner.restart());
    },
    async revise(plan) {
      assertOpen();
      const revision = state.record.revision + 1;
      await planner.restart({ reason: `revision ${revision}`, entries: [{ kind: 'study_revised', revision, plan }] });
    },
    held: () => hosts.held(),
    workers: (process) => [...runtime.attempts.values()].filter(({ worker }) => worker.process === process).map(({ worker }) => worker),
    disconnected(process) {
      for (const attempt of runtime.attempts.values()) if (attempt.worker.process === process) attempt.disconnected();
    },
    goodbye(process, reason) {
      if (closed) return;
      for (const attempt of [...runtime.attempts.values()]) {
        if (attempt.worker.process === process) void loseAttempt(runtime, attempt, reason);
      }
    },
    onOver({ trial, attempt }, listener) {
      const running = runtime.attempts.get(trial);
      return running?.number === attempt ? running.onOver(listener) : undefined;
    },
    withProgress: (trial) => withProgress(runtime, trial),
    replay: () => replayStudy(journal, host),
    serve: () => admission.serve(),
    async close() {
      if (closed) return;
      closed = true;
      admission.close();
      hosts.close();
      for (const attempt of runtime.attempts.values()) attempt.close();
      wall.count();
      wall.close();
      await planner.close();
      // What was spent of the wall time since the last event.
      if (state.record.counts.running > 0) await journal.append([]).catch(() => undefined);
    },
  };
}

/** Whether a study has anything to do by itself, so that it must be put to work when the daemon starts. */
export function needsWork(record: StudyRecord): boolean {
  return record.state !== 'ended' || record.counts.running > 0;
}
