import { ParamoError, type TrialRecord } from '@paramo/core';
import { currentAttempt, unknownAttempt, type AttemptName } from './leases.js';
import type { StudyRuntime } from './runtime.js';

/** An attempt that a process reports for beside its worker. */
export interface AttachedAttempt {
  readonly trial: TrialRecord;
  readonly leaseMs: number;
  /** Another process does: this one may not. */
  readonly taken: boolean;
  /** The sequence of the process's last batch; 0: none. */
  readonly sequence: number;
}

/**
 * Lets a process report for an attempt that another one runs and will end.
 * @throws ParamoError TRIAL_NOT_FOUND, FENCED, TRIAL_ENDED.
 */
export function attach(runtime: StudyRuntime, name: AttemptName, writer: string): AttachedAttempt {
  const { studyId, journal, studies, sequences } = runtime;
  const trial = journal.trial(name.trial);
  if (!trial || name.attempt < 1 || name.attempt > trial.attempt) throw unknownAttempt(runtime, name);
  if (name.attempt < trial.attempt) throw new ParamoError({ code: 'FENCED', message: `attempt ${trial.attempt} has taken trial ${name.trial} over`, hint: 'Another worker has it: end this program.' });
  const attempt = currentAttempt(runtime, name);
  if (!attempt) throw new ParamoError({ code: 'TRIAL_ENDED', message: `trial ${name.trial} is ${trial.state}`, hint: 'Who ran it has ended it: end this program.' });
  const key = { studyId, ...name, writer };
  return { trial, leaseMs: attempt.leaseMs, taken: !attempt.attach(writer), sequence: sequences.get(`${name.trial}/${name.attempt}/${writer}`) ?? studies.sequence(key) };
}
