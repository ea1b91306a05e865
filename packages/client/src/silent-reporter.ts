import { ParamoError } from '@paramo/core';
import { createAttempt } from './attempt.js';
import type { Reporter } from './reporter.js';

/** A reporter that sends nothing: that of a process whose trial another one reports for. */
export function createSilentReporter(): Reporter {
  return {
    away: false,
    lost: { refused: 0, dropped: 0 },
    unsent: 0,
    onAway: () => () => undefined,
    start: () => Promise.resolve(),
    register: (terms) => createAttempt(terms, 0, () => undefined),
    end: () => Promise.reject(new ParamoError({ code: 'NOT_SUPPORTED', message: 'a trial is not ended by a process that only looks on' })),
    forgo: () => undefined,
    add: () => undefined,
    progress: () => undefined,
    refuse: () => undefined,
    flush: () => undefined,
    save: () => undefined,
    close: () => Promise.resolve(),
  };
}
