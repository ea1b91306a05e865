import { ParamoError, type TrialRecord } from '@paramo/core';
import { currentAttempt, unknownAttempt, type AttemptName } from './leases.js';
import type { StudyRuntime } from './runtime.js';

/** An attempt that a process reports for beside its worker. */
export interface AttachedAttempt {
  readonly trial: TrialRecord;
  readonly leaseMs: number;
  /** It may report nothing: another process does, or it did not ask to. */
  readonly taken: boolean;
}

/**
 * Lets a process report for an attempt that another one runs and will end; one without a name only looks.
 * @throws ParamoError TRIAL_NOT_FOUND, FENCED, TRIAL_ENDED.
 */
export function attach(runtime: StudyRuntime, name: AttemptName, writer: string): AttachedAttempt {
  const trial = runtime.journal.trial(name.trial);
  if (!trial || name.attempt < 1 || name.attempt > trial.attempt) throw unknownAttempt(runtime, name);
  if (name.attempt < trial.attempt) throw new ParamoError({ code: 'FENCED', message: `attempt ${trial.attempt} has taken trial ${name.trial} over`, hint: 'Another worker has it: end this program.' });
  const attempt = currentAttempt(runtime, name);
  if (!attempt) throw new ParamoError({ code: 'TRIAL_ENDED', message: `trial ${name.trial} is ${trial.state}`, hint: 'Who ran it has ended it: end this program.' });
  return { trial, leaseMs: attempt.leaseMs, taken: writer === '' || !attempt.attach(writer) };
}
