import { isTerminal, ParamoError, type CheckpointId, type Step, type TrialRecord, type Values } from '@paramo/core';
import { valuesToMessage, type CheckpointListing, type CheckpointManifest } from '@paramo/protocol';
import { createWrites } from '../store/study-writes.js';
import type { Attempt } from './attempt.js';
import { currentAttempt, unknownAttempt, type AttemptName } from './leases.js';
import { reachedMilestone } from './projection.js';
import { findKept } from './retention.js';
import { endLease, objectivesOf, type StudyRuntime } from './runtime.js';
import type { AttemptUpdate } from './update-bus.js';

/** A checkpoint whose content is on disk. */
export interface TakenCheckpoint extends AttemptName {
  /** Steps done when it was taken. */
  readonly done: Step;
  readonly checkpoint: CheckpointId;
  /** In bytes. */
  readonly size: number;
  readonly manifest: CheckpointManifest;
}

/**
 * The attempt that may take a checkpoint of step `done`. The lease is renewed: content is coming.
 * @throws ParamoError FENCED, TRIAL_ENDED, TRIAL_NOT_FOUND; INVALID_ARGUMENT for a step before the trial's newest checkpoint.
 */
export function checkpointingAttempt(runtime: StudyRuntime, name: AttemptName, done: Step): Attempt {
  const trial = runtime.journal.trial(name.trial);
  if (!trial || name.attempt < 1 || name.attempt > trial.attempt) throw unknownAttempt(runtime, name);
  if (name.attempt < trial.attempt) {
    throw new ParamoError({ code: 'FENCED', message: `attempt ${name.attempt} of trial ${name.trial} was taken over by attempt ${trial.attempt}`, hint: 'Let this attempt go; the later one goes on from the newest checkpoint.' });
  }
  const attempt = currentAttempt(runtime, name);
  if (!attempt) throw new ParamoError({ code: 'TRIAL_ENDED', message: `trial ${name.trial} is ${trial.state}`, hint: 'A checkpoint is taken while the trial runs, before complete, fail or release.' });
  attempt.touch();
  const newest = trial.checkpoint?.done ?? trial.from?.done ?? 0;
  if (done < newest) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `the checkpoint is of step ${done}, but trial ${name.trial} has one of step ${newest} already`, hint: 'Take checkpoints in the order of the steps; done counts the steps behind it, from 1.' });
  return attempt;
}

/**
 * Commits a checkpoint: from here on the trial goes on from it. The promise resolves once that is on disk; the same one
 * again changes nothing.
 */
export function commitCheckpoint(runtime: StudyRuntime, taken: TakenCheckpoint): Promise<AttemptUpdate> {
  const { journal, studyId } = runtime;
  const { trial, attempt: number, done, checkpoint, size, manifest } = taken;
  const attempt = checkpointingAttempt(runtime, taken, done);
  const known = journal.trial(trial)!.checkpoint;
  attempt.metrics.advance(done);
  if (known?.checkpoint === checkpoint && known.done === done) return journal.settled().then(() => attempt.update(0));
  const values = objectiveValues(runtime, attempt);
  const listing: CheckpointListing = { source: { trial: BigInt(trial), checkpoint, done: BigInt(done) }, attempt: number, manifest, values: valuesToMessage(values), folder: '' };
  // Where the strategy lives on checkpoints its worker is told what it made of this one.
  if (runtime.milestones.checkpoints) attempt.awaitDecision(done, journal.state.record.position + 1);
  const durable = runtime.commit([{ kind: 'trial_checkpointed', trial, attempt: number, checkpoint, done, values, size }], (writes) => writes.checkpoint({ studyId, trial, done, checkpoint }, listing));
  return durable.then(() => attempt.update(0));
}

/**
 * Fails a trial that has trained past a milestone of a strategy that lives on checkpoints and has taken none: what it does
 * further could not be used. One that is to be stopped takes none any more, and ends as that.
 */
export function failWithoutCheckpoint(runtime: StudyRuntime, attempt: Attempt): void {
  const { journal, milestones } = runtime;
  if (!milestones.checkpoints) return;
  const trial = journal.trial(attempt.trial)!;
  if (trial.checkpoint || isTerminal(trial.state) || journal.state.live.get(attempt.trial)?.standing?.action === 'stop') return;
  const missed = reachedMilestone(milestones.strategy, trial.from?.done ?? 0, attempt.metrics.done - 1);
  if (missed === undefined) return;
  const message =
    `strategy ${journal.state.record.spec.strategy!.name} needs a checkpoint at step ${missed}, and the trial went on to step ${attempt.metrics.done} without one. ` +
    'Call `await trial.checkpoint((dir) => save(dir))` in the loop over its steps (in Python `trial.checkpoint(save)`); it saves only when one is due.';
  endLease(runtime, attempt);
  void runtime.commit([{
    kind: 'trial_ended', trial: attempt.trial, attempt: attempt.number, state: 'failed', done: Math.max(trial.done, attempt.metrics.done), reason: message, values: attempt.metrics.outcome()?.values ?? {},
    metrics: attempt.metrics.last, error: { message, stack: '' },
  }]);
}

/** Takes out of the store what the log does not keep any more; once it was kept again meanwhile, it stays. */
export async function dropCheckpoints(runtime: StudyRuntime): Promise<void> {
  const { journal, studies, studyId } = runtime;
  const { state } = journal;
  const dropped = state.dropped;
  state.dropped = [];
  const writes = createWrites();
  for (const source of dropped) {
    const key = { studyId, ...source };
    const listing = findKept(state, source) ? undefined : studies.checkpoint(key);
    if (listing) writes.dropCheckpoint(key, listing);
  }
  if (writes.writes.length > 0) await studies.commit(writes);
}

/** What a daemon that died had not come to take out of the store. */
export function listStray({ journal: { state }, studies, studyId }: StudyRuntime): void {
  state.dropped = [...studies.checkpointKeys(studyId)].filter((key) => !findKept(state, key)).map(({ trial, checkpoint, done }) => ({ trial, checkpoint, done }));
}

/** The trial whose data may not be deleted because others are to start from a checkpoint of it. @throws ParamoError INVALID_ARGUMENT. */
export function assertUnpinned({ journal: { state } }: StudyRuntime, trial: TrialRecord): void {
  if (!state.checkpoints.get(trial.number)?.some(({ pins }) => pins > 0)) return;
  const heir = [...state.live.values()].find(({ pins, record }) => pins && record.from?.trial === trial.number);
  throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `trial ${heir?.record.number} is to start from a checkpoint of trial ${trial.number}`, hint: 'Wait until it has one of its own, or cancel it first.' });
}

function objectiveValues(runtime: StudyRuntime, { metrics }: Attempt): Values {
  const { last } = metrics;
  return Object.fromEntries(objectivesOf(runtime).flatMap(({ metric }) => (last[metric] === undefined ? [] : [[metric, last[metric]]])));
}
