import type { TrialId } from '@paramo/core';
import { noPoints } from './points.js';
import type { Points } from './points.js';
import { chunkNames, chunkRange, damagedChunk, readChunk, seriesOf } from './series-chunks.js';
import { addRun } from './series-run.js';
import type { Run } from './series-run.js';
import type { AttemptTail } from './series-tails.js';
import type { StudyStore } from './study-store.js';

/** Names a trial's points in the store. */
export interface TrialPoints {
  readonly studies: StudyStore;
  readonly studyId: string;
  readonly trial: TrialId;
  /** Those written after their attempt was fenced, or those written in time. */
  readonly late: boolean;
}

/** The names of the metrics a trial has points of. */
export function pointNames({ studies, studyId, trial, late }: TrialPoints): string[] {
  const logged = studies.tails(studyId, trial).flatMap((tail) => [...ends(tail, late).keys()]);
  return [...new Set([...chunkNames(studies.store, late, studyId, trial), ...logged])];
}

/**
 * A metric's points as they were written, by attempt and, in an attempt, in the order they came. Points that are moving
 * from the log into chunks at this moment may come twice, the second time at the end: the last point of every step is the same.
 * @throws ParamoError DATA_LOSS when some of them are damaged.
 */
export function pointsByAttempt({ studies, studyId, trial, late }: TrialPoints, name: string): Map<number, Points> {
  const byAttempt = new Map<number, Points>();
  const of = (attempt: number): Points => {
    let points = byAttempt.get(attempt);
    if (!points) byAttempt.set(attempt, (points = noPoints()));
    return points;
  };
  const next = new Map<number, number>();
  for (const [key, value] of studies.store.range(chunkRange(late, studyId, trial, name))) {
    const { attempt, index } = seriesOf(key);
    // A database that lost a page has no chunk to tell of it.
    if (index !== (next.get(attempt) ?? 0)) throw damagedChunk(key);
    next.set(attempt, index + 1);
    readChunk(key, value, of(attempt));
  }
  for (const tail of studies.tails(studyId, trial)) {
    for (const run of ends(tail, late).get(name) ?? []) addRun(of(tail.attempt), run);
  }
  return byAttempt;
}

function ends(tail: AttemptTail, late: boolean): ReadonlyMap<string, Run[]> {
  return late ? tail.late : tail.inTime;
}
