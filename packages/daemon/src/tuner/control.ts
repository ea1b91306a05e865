import { isTerminal, ParamoError, type TrialRecord } from '@paramo/core';
import type { Attempt } from './attempt.js';
import { decide } from './decisions.js';
import type { EraRenewal } from './era.js';
import { endLease, metricsOf, type StudyRuntime } from './runtime.js';

/** What a person may ask of a trial. */
export type TrialControl = 'stop' | 'pause' | 'resume' | 'cancel' | 'retract';

/** Carries out what a person asks of a trial, and resolves once it is on disk. `restart` begins a new era. */
export async function controlTrial(runtime: StudyRuntime, record: TrialRecord, action: TrialControl, reason: string, restart: (renewal: EraRenewal) => Promise<void>): Promise<void> {
  const { number: trial } = record;
  const why = reason || 'asked for';
  if (action === 'retract') {
    if (!record.retracted) await restart({ reason: `trial ${trial} was retracted`, entries: [{ kind: 'trial_retracted', trial, reason }] });
    return;
  }
  if (isTerminal(record.state)) {
    throw new ParamoError({ code: 'TRIAL_ENDED', message: `trial ${trial} is ${record.state}`, hint: 'Only a trial that is not over can be stopped, paused, resumed or cancelled.' });
  }
  if (action === 'stop' || action === 'pause') decide(runtime, { trial, action, reason: why }, 'user', 0);
  else if (action === 'resume') resume(runtime, record, why);
  else cancel(runtime, record, why);
  await runtime.journal.settled();
}

function resume(runtime: StudyRuntime, { number: trial, state }: TrialRecord, reason: string): void {
  const standing = runtime.journal.state.live.get(trial)?.standing;
  // A pause that the worker has not carried out yet is taken back.
  if (state !== 'paused' && standing?.action !== 'pause') return;
  void runtime.commit([{ kind: 'trial_resumed', trial, by: 'user', because: { kind: 'user', detail: reason }, seen: 0 }]);
}

function cancel(runtime: StudyRuntime, record: TrialRecord, reason: string): void {
  const { number: trial } = record;
  const attempt = runtime.attempts.get(trial);
  const metrics = metricsOf(runtime, trial);
  if (attempt) endLease(runtime, attempt);
  const done = Math.max(record.done, metrics.done);
  const durable = runtime.commit([{ kind: 'trial_ended', trial, attempt: record.attempt, state: 'cancelled', done, reason, values: {}, metrics: metrics.last }]);
  if (!attempt) return;
  durable.then(() => tellEnded(runtime, attempt, reason), () => undefined);
}

function tellEnded({ studyId, bus }: StudyRuntime, { trial, number, processes }: Attempt, reason: string): void {
  for (const process of processes) bus.publish(process, { studyId, trial, attempt: number, ackedSequence: 0, decidedDone: 0, verdict: 'ended', reason });
}
