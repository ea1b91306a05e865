import { listArtifacts, readChanges, readDescription } from '@paramo/client';
import type { ArtifactRecord, Connection, RunDescription, Series, SingleStudy } from '@paramo/client';
import type { TrialRecord } from '@paramo/core';
import { listCheckpoints, readAllSeries } from '../operations.js';
import type { CheckpointRecord } from '../operations.js';

/** One try of a trial. */
export interface AttemptRecord {
  readonly attempt: number;
  /** Where it ran, or empty. */
  readonly host: string;
  readonly startedMs: number;
  /** Steps that were done when it began. */
  readonly from: number;
  /** How it ended: a state of its trial, or `released`, `lost`, `failed`, `paused`; absent: it has not. */
  readonly end?: string;
  readonly endedMs?: number;
  /** Why, in words, or empty. */
  readonly reason: string;
}

/** All that is kept about a trial. */
export interface TrialDetails {
  readonly trial: TrialRecord;
  /** Thinned series, in order of name. */
  readonly series: readonly Series[];
  readonly attempts: readonly AttemptRecord[];
  readonly checkpoints: readonly CheckpointRecord[];
  readonly artifacts: readonly ArtifactRecord[];
  /** What its newest attempt that was described was. */
  readonly description?: RunDescription;
  /** How the code of that attempt differed from its commit, as `git diff` writes it. */
  readonly changes?: string;
}

/** Points of a series: enough for a line of a terminal. */
const mostPoints = 40;

/** Reads all about a trial but the whole of its series. @throws ParamoError TRIAL_NOT_FOUND. */
export async function readDetails(connection: Connection, study: SingleStudy, number: number): Promise<TrialDetails> {
  const trial = { ...(await study.trial(number)) } as TrialRecord;
  const key = { studyId: study.id, trial: number };
  const [series, attempts, checkpoints, artifacts, description, changes] = await Promise.all([
    readAllSeries(connection, study.id, number, mostPoints), readAttempts(study, trial), listCheckpoints(connection, study.id, number),
    listArtifacts(connection, key), readDescription(connection, key), readChanges(connection, key),
  ]);
  return { trial, series, attempts, checkpoints, artifacts, ...(description && { description }), ...(description?.git?.changes && changes !== undefined && { changes }) };
}

/** The attempts of a trial; only where there were several has the log to be read for them. */
async function readAttempts(study: SingleStudy, trial: TrialRecord): Promise<readonly AttemptRecord[]> {
  if (trial.attempt === 0) return [];
  if (trial.attempt === 1) {
    const { startedMs, endedMs, state, reason, worker } = trial;
    return [{ attempt: 1, host: worker?.host ?? '', startedMs, from: trial.from?.done ?? 0, reason, ...(endedMs > 0 && { end: state, endedMs }) }];
  }
  const attempts = new Map<number, AttemptRecord>();
  for await (const event of study.watch({ follow: false })) {
    if (!('trial' in event) || event.trial !== trial.number || !('attempt' in event)) continue;
    const known = attempts.get(event.attempt);
    if (event.kind === 'trial_started') attempts.set(event.attempt, { attempt: event.attempt, host: event.worker.host, startedMs: known?.startedMs ?? event.wallMs, from: event.done, reason: '' });
    else if (known && event.kind === 'trial_yielded') attempts.set(event.attempt, { ...known, end: event.why, endedMs: event.wallMs, reason: event.reason });
    else if (known && event.kind === 'trial_ended') attempts.set(event.attempt, { ...known, end: event.state, endedMs: event.wallMs, reason: event.reason });
  }
  return [...attempts.values()];
}
