import type { TrialRecord } from '@paramo/core';
import { trialRecordFromMessage, TrialServiceService } from '@paramo/protocol';
import type { SimulatedDaemon } from './daemon.js';
import type { Ledger } from './ledger.js';
import type { Network } from './network.js';
import type { SimulatedProcess } from './process.js';
import type { Schedule } from './schedule.js';

/** What is looked at. */
export interface LeaseWatchOptions {
  readonly schedule: Schedule;
  readonly daemon: SimulatedDaemon;
  readonly network: Network;
  readonly ledger: Ledger;
  /** Worker processes by writer id. */
  readonly writers: ReadonlyMap<string, SimulatedProcess>;
  onViolation(what: string): void;
}

const everyMs = 2000;
/** Beyond its lease: timers, commits. */
const slackMs = 3000;
const longestLeaseMs = 10_000;

/** Looks every two seconds whether a trial is still running although nothing was heard of its worker for longer than a lease, in a daemon that was up all the time. */
export function watchLeases({ schedule, daemon, network, ledger, writers, onViolation }: LeaseWatchOptions): { end(): void } {
  let ended = false;

  async function look(): Promise<void> {
    const { upSinceMs, services } = daemon;
    if (upSinceMs === undefined) return;
    for (const studyId of ledger.studies) {
      const { trials } = await services.transport.unary(TrialServiceService.listTrials, { studyId, filter: 'state = running', order: '', pageSize: 1000, pageToken: '' });
      for (const trial of trials.map((message) => trialRecordFromMessage(message))) {
        const process = writers.get(trial.worker?.process ?? '');
        if (!process || daemon.upSinceMs !== upSinceMs) continue;
        const silentMs = schedule.nowMs - Math.max(upSinceMs, network.heardMs(process), handedOutMs(studyId, trial));
        if (silentMs > longestLeaseMs + slackMs) onViolation(`trial ${trial.number} of ${studyId} is still running at ${schedule.nowMs} ms, ${Math.round(silentMs)} ms after the last word of ${process.name}`);
      }
    }
  }
  /** A worker may have died while it waited for a trial. */
  function handedOutMs(studyId: string, { number, attempt }: TrialRecord): number {
    return ledger.handedOut.find((one) => one.studyId === studyId && one.trial === number && one.attempt === attempt)?.atMs ?? 0;
  }
  const next = (): void => {
    if (ended) return;
    // A daemon may die while it is asked.
    void look().catch(() => undefined);
    schedule.after(everyMs, next);
  };
  schedule.after(everyMs, next);
  return { end: () => void (ended = true) };
}
