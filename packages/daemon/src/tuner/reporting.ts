import { ParamoError, type LogEntry, type Step } from '@paramo/core';
import { metricBatch, type MetricColumns } from '../store/metric-batch.js';
import { createWrites } from '../store/study-writes.js';
import type { Attempt } from './attempt.js';
import { failWithoutCheckpoint } from './checkpointing.js';
import { currentAttempt, unknownAttempt, type AttemptName } from './leases.js';
import { isLostRun } from './lost-run.js';
import { reachedMilestone } from './projection.js';
import { withProgress, type StudyRuntime } from './runtime.js';
import { takeSeries } from './series-limit.js';
import type { AttemptUpdate } from './update-bus.js';

/** A run of points of one attempt from one writer. `sequence` 0 with no series is a heartbeat. */
export interface ReceivedBatch extends AttemptName {
  readonly writer: string;
  readonly sequence: number;
  readonly series: readonly MetricColumns[];
  /** Steps done, where points do not show it. */
  readonly done?: Step;
  /** Nobody waits for it: it may wait up to 5 ms for others to share its commit. */
  readonly mayWait?: boolean;
}

/**
 * Receives a batch that comes by itself, not with the end of its attempt. While the disk is nearly full its points are
 * refused, but the lease is renewed.
 * @throws ParamoError STORE_FULL: the same batch may come again; and what `receiveBatch` throws.
 */
export function reportBatch(runtime: StudyRuntime, batch: ReceivedBatch): Promise<AttemptUpdate> {
  const shortage = runtime.studies.store.shortage();
  if (!shortage || batch.series.length === 0) return receiveBatch(runtime, batch);
  currentAttempt(runtime, batch)?.heard(batch.writer);
  throw shortage;
}

/**
 * Stores a batch and renews the lease. The promise resolves once the batch is on disk; a batch already stored changes
 * nothing. Points of a fenced attempt are kept as late in its own series.
 * @throws ParamoError TRIAL_NOT_FOUND; ABORTED when a batch before this one is missing; LIMIT_EXCEEDED when it had more series
 * than its trial may have, and the others are stored.
 */
export function receiveBatch(runtime: StudyRuntime, received: ReceivedBatch): Promise<AttemptUpdate> {
  const { studyId, journal, studies, clock } = runtime;
  let batch = received;
  const trial = journal.trial(batch.trial);
  if (!trial || batch.attempt < 1 || batch.attempt > trial.attempt) throw unknownAttempt(runtime, batch);
  const attempt = currentAttempt(runtime, batch);
  attempt?.heard(batch.writer);

  const key = { studyId, trial: batch.trial, attempt: batch.attempt, writer: batch.writer };
  const flightKey = `${batch.trial}/${batch.attempt}/${batch.writer}`;
  const known = runtime.sequences.get(flightKey) ?? studies.sequence(key);
  const isNew = batch.sequence > known;
  if (isNew && batch.sequence !== known + 1) {
    throw new ParamoError({
      code: 'ABORTED', message: `batch ${batch.sequence} of trial ${batch.trial} came before batch ${known + 1}`,
      hint: 'Send the batches of a writer in order, without gaps, again from the first that was not acked.',
    });
  }
  const answer = (acked: number): AttemptUpdate | Promise<AttemptUpdate> => {
    if (attempt && !attempt.over) return attempt.update(acked);
    // What took the lease away may still be on its way to disk.
    return journal.settled().then(() => strangerUpdate(runtime, batch, acked));
  };
  // Nothing new to store; what came before may still be on its way to disk.
  if (!isNew) return journal.settled().then(() => answer(known));

  const late = batch.attempt < trial.attempt;
  const { series, refusal } = takeSeries(batch.trial, attempt?.metrics ?? (late ? undefined : runtime.idle.get(batch.trial)), batch.series);
  batch = { ...batch, series };
  const entries = attempt ? foldPoints(runtime, attempt, batch) : [];
  // Points that come after their attempt was given back still belong to it.
  if (!attempt && !late) runtime.idle.get(batch.trial)?.addColumns(batch.series);
  const points = metricBatch({ ...key, sequence: batch.sequence, late, wallMs: clock.wallMs() }, batch.series);
  let durable: Promise<void>;
  if (entries.length > 0) {
    const first = journal.state.record.position;
    entries.forEach((entry, i) => attempt!.awaitDecision(entry.done, first + 1 + i));
    durable = runtime.commit(entries, (writes) => writes.points(points));
  } else if (batch.mayWait) {
    durable = studies.gather(points);
  } else {
    const writes = createWrites();
    writes.points(points);
    durable = studies.commit(writes);
  }
  runtime.sequences.add(flightKey, batch.sequence, durable);
  if (attempt) failWithoutCheckpoint(runtime, attempt);
  return durable.then(() => {
    if (refusal) throw refusal;
    return answer(batch.sequence);
  });
}

/** Waits until the plugins have decided about every report up to now or the attempt is over, at most `waitMs`, and tells the newest. */
export async function awaitDecided(runtime: StudyRuntime, update: AttemptUpdate, waitMs: number, signal: AbortSignal): Promise<AttemptUpdate> {
  const attempt = runtime.attempts.get(update.trial);
  if (!attempt || attempt.number !== update.attempt) return update;
  const wanted = attempt.metrics.done;
  const settled = (): boolean => attempt.over || attempt.verdict !== 'continue' || attempt.update(0).decidedDone >= wanted;
  if (waitMs > 0 && !settled() && !signal.aborted) {
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        unsubscribe();
        forget();
        cancel();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const unsubscribe = runtime.bus.subscribe(attempt.worker.process, () => settled() && finish());
      // Nobody decides about an attempt that has lost its lease.
      const forget = attempt.onOver(finish);
      const cancel = runtime.clock.setTimer(waitMs, finish);
      signal.addEventListener('abort', finish);
    });
  }
  if (!attempt.over) return attempt.update(update.ackedSequence);
  await runtime.journal.settled();
  return strangerUpdate(runtime, update, update.ackedSequence);
}

/** What to tell a worker whose attempt holds no lease any more. */
function strangerUpdate(runtime: StudyRuntime, name: AttemptName, acked: number): AttemptUpdate {
  const trial = runtime.journal.trial(name.trial)!;
  const fenced = name.attempt < trial.attempt;
  const live = runtime.journal.state.live.get(name.trial);
  const base = { studyId: runtime.studyId, trial: name.trial, attempt: name.attempt, ackedSequence: acked, decidedDone: withProgress(runtime, trial).done };
  if (fenced) return { ...base, verdict: 'fenced', reason: `attempt ${trial.attempt} has taken trial ${name.trial} over` };
  // A tracked run that was written off may go on: its own end puts that right.
  if (!live && !isLostRun(trial)) return { ...base, verdict: 'ended', reason: trial.reason || `trial ${name.trial} is ${trial.state}` };
  if (trial.state === 'paused') return { ...base, verdict: 'pause', reason: trial.reason };
  // It was paused and resumed, or given back by somebody else, while its worker was away: only the next attempt goes on.
  if (trial.state === 'waiting' && !live?.lost) return { ...base, verdict: 'pause', reason: `attempt ${name.attempt} is over, and trial ${name.trial} waits for its next attempt` };
  return { ...base, verdict: 'continue', reason: trial.reason };
}

/** Adds the points to the attempt's metrics and returns the events that plugins are to see. */
function foldPoints(runtime: StudyRuntime, attempt: Attempt, batch: ReceivedBatch): (LogEntry & { kind: 'trial_reported' })[] {
  const { metrics } = attempt;
  metrics.addColumns(batch.series);
  if (batch.done !== undefined) metrics.advance(batch.done);

  const { strategy, stopper } = runtime.milestones;
  const entries: (LogEntry & { kind: 'trial_reported' })[] = [];
  let before = runtime.journal.state.live.get(attempt.trial)?.reportedDone ?? 0;
  for (const { done, values } of metrics.takeReports()) {
    const milestone = Math.max(reachedMilestone(strategy, before, done) ?? 0, reachedMilestone(stopper, before, done) ?? 0);
    if (milestone === 0) continue;
    entries.push({ kind: 'trial_reported', trial: attempt.trial, attempt: attempt.number, done, values, milestone });
    before = done;
  }
  return entries;
}
