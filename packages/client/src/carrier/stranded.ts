import type { CarriedAttempt } from './carried-attempt.js';

/** What a process has not brought to the daemon. */
export interface Stranded {
  readonly points: number;
  /** Adds the unacked points of an attempt, and its end if that was not told either. */
  add(attempt: CarriedAttempt, ends: 0 | 1): void;
  /** In words, a text for each study. */
  texts(): readonly string[];
}

/** Nothing yet. */
export function createStranded(): Stranded {
  const studies = new Map<string, { points: number; ends: number }>();
  let total = 0;
  return {
    get points() {
      return total;
    },
    add({ study, studyId, points }, ends) {
      if (points + ends === 0) return;
      const name = study ?? studyId;
      const known = studies.get(name) ?? { points: 0, ends: 0 };
      studies.set(name, { points: known.points + points, ends: known.ends + ends });
      total += points;
    },
    texts: () => [...studies].map(([name, { points, ends }]) => `${pointsAndEnds(points, ends)} of study ${JSON.stringify(name)}`),
  };
}

/** Points, and ends of trials, in words. */
export function pointsAndEnds(points: number, ends: number): string {
  const parts: string[] = [];
  if (points > 0 || ends === 0) parts.push(points === 1 ? '1 point' : `${points} points`);
  if (ends > 0) parts.push(ends === 1 ? 'the end of a trial' : `the ends of ${ends} trials`);
  return parts.join(' and ');
}
