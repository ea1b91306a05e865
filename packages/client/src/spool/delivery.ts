import type { AttemptKey } from '@paramo/protocol';
import { attemptName } from './spool-files.js';

/** What the daemon would not take, and why. */
export interface Refusal {
  readonly trial: number;
  readonly attempt: number;
  /** An end, or so many points. */
  readonly what: 'end' | number;
  readonly code: string;
  readonly reason: string;
}

/** What came of the spools' content of one study. */
export interface DeliveredStudy {
  readonly studyId: string;
  /** Stored now; what the daemon had before does not count. */
  readonly points: number;
  /** Of those the ones kept as late: another attempt has taken the trial over. */
  readonly late: number;
  /** Ends of attempts that the daemon has taken. */
  readonly ends: number;
  /** Points left out when they were logged, because the spool was past its quota. */
  readonly dropped: number;
  /** Batches that could not be read, or were never written. */
  readonly missing: number;
  readonly refused: readonly Refusal[];
}

/** Adds up what is delivered. */
export interface Delivery {
  readonly studies: readonly DeliveredStudy[];
  stored(attempt: AttemptKey, points: number, isLate: boolean): void;
  ended(attempt: AttemptKey): void;
  /** `count`: of the attempt so far. */
  dropped(attempt: AttemptKey, count: number): void;
  missing(attempt: AttemptKey, batches: number): void;
  refused(attempt: AttemptKey, what: 'end' | number, error: { readonly code: string; readonly summary: string }): void;
}

/** Nothing yet. */
export function createDelivery(): Delivery {
  type Sums = { -readonly [K in 'points' | 'late' | 'ends' | 'missing']: number } & { readonly dropped: Map<string, number>; readonly refused: Refusal[] };
  const studies = new Map<string, Sums>();
  const of = ({ studyId }: AttemptKey): Sums => {
    const known = studies.get(studyId) ?? { points: 0, late: 0, ends: 0, missing: 0, dropped: new Map(), refused: [] };
    studies.set(studyId, known);
    return known;
  };
  return {
    get studies() {
      return [...studies].map(([studyId, { dropped, ...sums }]) => ({ studyId, ...sums, dropped: [...dropped.values()].reduce((sum, count) => sum + count, 0) }));
    },
    stored(attempt, points, isLate) {
      const sums = of(attempt);
      sums.points += points;
      if (isLate) sums.late += points;
    },
    ended(attempt) {
      of(attempt).ends++;
    },
    dropped(attempt, count) {
      const { dropped } = of(attempt);
      dropped.set(attemptName(attempt), Math.max(count, dropped.get(attemptName(attempt)) ?? 0));
    },
    missing(attempt, batches) {
      of(attempt).missing += batches;
    },
    refused(attempt, what, { code, summary }) {
      if (what !== 0) of(attempt).refused.push({ trial: Number(attempt.trial), attempt: attempt.attempt, what, code, reason: summary });
    },
  };
}
