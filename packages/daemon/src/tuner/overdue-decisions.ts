import type { LogEvent, TrialId } from '@paramo/core';
import type { EraSessions } from './era.js';

/** Notices decisions that plugins wanted and that the log does not have. */
export interface OverdueDecisions {
  /** Trials that ended by themselves although a plugin had wanted them to end or pause before. */
  readonly overdue: number;
  /** Takes the next event of the log, in order. */
  take(event: LogEvent): Promise<void>;
}

/**
 * Asks the plugins of an era after every report, on instances of its own, so that positions only ever rise. A few overdue
 * decisions are a race (the worker ended its trial while the daemon decided); a study full of them was not listened to.
 */
export function watchDecisions(sessions: EraSessions): OverdueDecisions {
  const wanted = new Set<TrialId>();
  const deciders = [sessions.strategy, sessions.stopper].filter((session) => session !== undefined && session.milestones !== 'none');
  let overdue = 0;
  return {
    get overdue() {
      return overdue;
    },
    async take(event) {
      if (event.kind === 'trial_decided' || event.kind === 'trial_yielded') wanted.delete(event.trial);
      else if (event.kind === 'trial_ended') {
        if (wanted.delete(event.trial) && event.state === 'completed') overdue++;
      } else if (event.kind === 'trial_reported') {
        for (const session of deciders) {
          const { decisions } = await session!.ask(event.position, { suggestion: false });
          for (const { trial } of decisions) wanted.add(trial);
        }
      }
    },
  };
}
