import type { TrialRecord } from '@paramo/core';

/** How the reason of a tracked run that was written off begins. */
export const lostRun = 'lost: ';

/** Whether a tracked run was written off as lost: it is never issued again, so its own end may still put that right. */
export function isLostRun(trial: TrialRecord): boolean {
  return trial.state === 'failed' && trial.error === undefined && trial.reason.startsWith(lostRun);
}
