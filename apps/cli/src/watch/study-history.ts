import { isBetter } from '@paramo/core';
import type { LogEvent, StudySpec } from '@paramo/core';

/** What a study's log says about its course so far. */
export interface StudyHistory {
  add(event: LogEvent): void;
  /** The best value after each completed trial; empty for a study without a single objective. */
  readonly bestSoFar: readonly number[];
  /** The first start of a trial, in milliseconds since 1970. */
  readonly startedMs: number | undefined;
  /** The newest event. */
  readonly newest: LogEvent | undefined;
}

/** An empty history, to be fed the log's events in order. */
export function createStudyHistory({ objectives }: Pick<StudySpec, 'objectives'>): StudyHistory {
  const bestSoFar: number[] = [];
  const goal = objectives.length === 1 ? objectives[0]!.goal : undefined;
  let startedMs: number | undefined;
  let newest: LogEvent | undefined;
  return {
    add(event) {
      newest = event;
      if (event.kind === 'trial_started') startedMs ??= event.wallMs;
      if (event.kind !== 'trial_ended' || event.state !== 'completed' || goal === undefined) return;
      const best = bestSoFar.at(-1);
      const value = event.value !== undefined && Number.isFinite(event.value) ? event.value : undefined;
      const next = value !== undefined && (best === undefined || isBetter(value, best, goal)) ? value : best;
      if (next !== undefined) bestSoFar.push(next);
    },
    bestSoFar,
    get startedMs() {
      return startedMs;
    },
    get newest() {
      return newest;
    },
  };
}
