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
  broken(what: string): void;
}

const everyMs = 4000;
/** Beyond its lease: timers, commits. */
const slackMs = 3000;
const longestLeaseMs = 10_000;
/** From the loss of its connection on. */
const graceMs = 10_000;

/**
 * Looks every four seconds whether a trial is still running although nothing was heard of its worker, nor of anybody else who has spoken
 * for the attempt, for longer than a lease and the grace after a lost connection, in a daemon that was up all the time.
 */
export function watchLeases({ schedule, daemon, network, ledger, writers, broken }: LeaseWatchOptions): { end(): void } {
  const seen = new Map<string, number>();
  let ended = false;

  async function look(): Promise<void> {
    const { upSinceMs, services } = daemon;
    if (upSinceMs === undefined) return;
    for (const studyId of ledger.studies) {
      const { trials } = await services.transport.unary(TrialServiceService.listTrials, { studyId, filter: 'state = running', order: '', pageSize: 1000, pageToken: '' });
      for (const trial of trials.map((message) => trialRecordFromMessage(message))) {
        const speakers = speakersFor(studyId, trial);
        if (speakers.length === 0 || daemon.upSinceMs !== upSinceMs) continue;
        const silentMs = schedule.nowMs - Math.max(upSinceMs, seenMs(studyId, trial), ...speakers.map((process) => network.heardMs(process)));
        if (silentMs > longestLeaseMs + graceMs + slackMs) broken(`trial ${trial.number} of ${studyId} is still running at ${schedule.nowMs} ms, ${Math.round(silentMs)} ms after the last word of ${speakers.map(({ name }) => name).join(' or ')}`);
      }
    }
  }
  /** Its worker, and whoever else renews its lease: a later life of the worker may tell the trial's end by hand. */
  function speakersFor(studyId: string, { number, attempt, worker }: TrialRecord): SimulatedProcess[] {
    const others = [...ledger.written.values()].filter((one) => one.studyId === studyId && one.trial === number && one.attempt === attempt);
    return [...new Set([worker?.process ?? '', ...others.map(({ writer }) => writer)])].flatMap((writer) => writers.get(writer) ?? []);
  }
  /** Since when it is known to run: a worker may have died while it waited for a trial. */
  function seenMs(studyId: string, { number, attempt }: TrialRecord): number {
    const name = `${studyId}/${number}/${attempt}`;
    if (!seen.has(name)) seen.set(name, schedule.nowMs);
    return seen.get(name)!;
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
