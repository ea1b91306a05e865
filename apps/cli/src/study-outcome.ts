import type { StudyRecord } from '@paramo/core';
import { exitCodes } from './exit-code.js';

/** The exit code that tells how a study ended; 0 while it goes on. */
export function studyExitCode({ state, counts, errorCode }: StudyRecord): number {
  if (state !== 'ended') return exitCodes.ok.code;
  if (errorCode !== '') return exitCodes.failed.code;
  const evaluated = counts.completed + counts.stopped;
  return evaluated === 0 && counts.failed > 0 ? exitCodes.allFailed.code : exitCodes.ok.code;
}

/** A study's end in words: `ended (budget: 50 trials)`. */
export function describeState({ state, endReason, endDetail }: StudyRecord): string {
  if (state !== 'ended') return state;
  const why = [endReason, endDetail].filter((part) => part !== undefined && part !== '').join(': ');
  return why === '' ? 'ended' : `ended (${why})`;
}
