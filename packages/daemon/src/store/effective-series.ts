import { isSystemMetric } from '@paramo/core';
import type { TrialId } from '@paramo/core';
import { downSample } from './down-sample.js';
import type { AttemptRecord } from './layout.js';
import { inStepOrder, noPoints } from './points.js';
import type { Points } from './points.js';
import { pointNames, pointsByAttempt } from './series-points.js';
import type { TrialPoints } from './series-points.js';
import type { StudyStore } from './study-store.js';

/** One metric's points, in order of step, each step once. */
export interface Series extends Points {
  readonly name: string;
}

/** Which points to read. Absent: all of the effective series. */
export interface SeriesQuery {
  /** Metrics; empty: all. */
  readonly names?: readonly string[];
  /** First step index wanted. */
  readonly fromStep?: number;
  /** Last step index wanted. */
  readonly toStep?: number;
  /** At most this many points a series, as `downSample` chooses them; 0: all. */
  readonly maxPoints?: number;
  /** Only this attempt's points, with those that are hidden or late; 0: the effective series. */
  readonly attempt?: number;
}

/** What there is of one metric. */
export interface SeriesSummary {
  readonly name: string;
  /** Points in the effective series. */
  readonly points: number;
  /** Points beyond it: late ones, and those hidden by a later attempt. */
  readonly hiddenPoints: number;
  readonly firstStep?: number;
  readonly lastStep?: number;
  /** Value at the last step. */
  readonly lastValue?: number;
}

/**
 * The series of a trial, in order of name; metrics without points are left out.
 *
 * The effective series has of each step the point of the latest attempt. An attempt that started with c steps done
 * hides the points of earlier ones at step indices from c on, also where it has none itself. In an attempt the last
 * written point of a step counts. Points written after their attempt was fenced are in no effective series. The steps of a series
 * of the machine (`system/…`) are seconds and not the training's: no attempt hides those of an earlier one.
 */
export function readSeries(studies: StudyStore, studyId: string, trial: TrialId, query: SeriesQuery = {}): Series[] {
  const { names = [], fromStep = 0, toStep = Infinity, maxPoints = 0, attempt = 0 } = query;
  const sources = sourcesOf(studies, studyId, trial);
  const attempts = studies.attempts(studyId, trial);
  const found: Series[] = [];
  for (const name of names.length > 0 ? [...new Set(names)] : allNames(sources)) {
    const points = attempt === 0 ? effective(name, pointsByAttempt(sources.inTime, name), attempts) : ofAttempt(sources, name, attempt);
    const within = points.steps.length > 0 && (fromStep > 0 || toStep !== Infinity) ? between(points, fromStep, toStep) : points;
    if (within.steps.length > 0) found.push({ name, ...downSample(within, maxPoints) });
  }
  return found;
}

/** What series a trial has, in order of name. */
export function listSeries(studies: StudyStore, studyId: string, trial: TrialId): SeriesSummary[] {
  const sources = sourcesOf(studies, studyId, trial);
  const attempts = studies.attempts(studyId, trial);
  return allNames(sources).map((name) => {
    const inTime = pointsByAttempt(sources.inTime, name);
    const shown = effective(name, inTime, attempts);
    const all = countSteps(inTime) + countSteps(pointsByAttempt(sources.late, name));
    const count = shown.steps.length;
    const extent = count > 0 ? { firstStep: shown.steps[0]!, lastStep: shown.steps[count - 1]!, lastValue: shown.values[count - 1]! } : {};
    return { name, points: count, hiddenPoints: all - count, ...extent };
  });
}

interface Sources {
  readonly inTime: TrialPoints;
  readonly late: TrialPoints;
}

function sourcesOf(studies: StudyStore, studyId: string, trial: TrialId): Sources {
  return { inTime: { studies, studyId, trial, late: false }, late: { studies, studyId, trial, late: true } };
}

function allNames({ inTime, late }: Sources): string[] {
  const names = new Set([...pointNames(inTime), ...pointNames(late)]);
  return [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function effective(name: string, byAttempt: ReadonlyMap<number, Points>, attempts: readonly AttemptRecord[]): Points {
  const shown = noPoints();
  for (const attempt of [...byAttempt.keys()].sort((a, b) => a - b)) {
    const hiddenFrom = isSystemMetric(name) ? Infinity : Math.min(...attempts.filter((later) => later.attempt > attempt).map(({ done }) => done));
    append(shown, byAttempt.get(attempt)!, (step) => step < hiddenFrom);
  }
  return inStepOrder(shown);
}

function ofAttempt({ inTime, late }: Sources, name: string, attempt: number): Points {
  const points = noPoints();
  for (const source of [inTime, late]) append(points, pointsByAttempt(source, name).get(attempt) ?? noPoints(), () => true);
  return inStepOrder(points);
}

function between(points: Points, fromStep: number, toStep: number): Points {
  const inside = noPoints();
  append(inside, points, (step) => step >= fromStep && step <= toStep);
  return inside;
}

function append(target: Points, { steps, values, timesMs }: Points, takes: (step: number) => boolean): void {
  for (let i = 0; i < steps.length; i++) {
    if (!takes(steps[i]!)) continue;
    target.steps.push(steps[i]!);
    target.values.push(values[i]!);
    target.timesMs.push(timesMs[i]!);
  }
}

/** Points as a reader of the single attempts counts them: each step of an attempt once. */
function countSteps(byAttempt: ReadonlyMap<number, Points>): number {
  let count = 0;
  for (const { steps } of byAttempt.values()) count += new Set(steps).size;
  return count;
}
