import { float, space } from '@paramo/core';
import type { TrialEvent } from '@paramo/core';
import type { EventSource, StudyContext } from '../host.js';

/** A study with one float and one objective. */
export function studyContext(changes: Partial<StudyContext> = {}): StudyContext {
  return {
    studyId: 'study-1', era: 1, revision: 1, phase: '', seed: 7,
    space: space({ x: float(0, 1) }).spec,
    objectives: [{ metric: 'loss', goal: 'min', at: 'last' }],
    ...changes,
  };
}

/** A log of `trials` trials that were created, started and ended: 3 events a trial, at positions 2, 4, 6, … */
export function finishedTrials(trials: number): readonly TrialEvent[] {
  return Array.from({ length: trials }, (_, trial): readonly TrialEvent[] => [
    { kind: 'created', position: 6 * trial + 2, trial, own: true, params: { x: 0.5 } },
    { kind: 'started', position: 6 * trial + 4, trial, attempt: 1, done: 0 },
    { kind: 'ended', position: 6 * trial + 6, trial, state: 'completed', value: trial, values: { loss: trial }, done: 1 },
  ]).flat();
}

/** An event source over events that may still grow, in blocks of `blockSize`. */
export function eventSource(events: readonly TrialEvent[], blockSize = 500): EventSource {
  return function* (after, through) {
    const wanted = events.filter((event) => event.position > after && event.position <= through);
    for (let at = 0; at < wanted.length; at += blockSize) yield wanted.slice(at, at + blockSize);
  };
}
