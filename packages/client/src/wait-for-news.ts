import type { Clock } from '@paramo/core';
import type { Attempt } from './attempt.js';
import { holdProcess } from './hold-process.js';

/** Says whether the daemon can be reached. */
export interface Reach {
  /** True from its loss until it is found again. */
  readonly away: boolean;
  /** Calls `listener` when `away` changes; the returned function ends that. */
  onAway(listener: () => void): () => void;
}

/** What a wait looks at. */
export interface NewsWait {
  readonly attempt: Attempt;
  readonly reporter: Reach;
  readonly clock: Clock;
  /** Ends the wait when true; asked after every piece of news. */
  readonly until: () => boolean;
  /** The longest wait while the daemon is connected; absent: no limit. */
  readonly timeoutMs?: number;
  /** Whether to go on at once while the daemon is away. */
  readonly goOnWhenAway: boolean;
  readonly signal: AbortSignal;
}

/** Resolves when `until` holds (true), or when the wait is given up (false). Never rejects. */
export function waitForNews({ attempt, reporter, clock, until, timeoutMs, goOnWhenAway, signal }: NewsWait): Promise<boolean> {
  if (until()) return Promise.resolve(true);
  if (signal.aborted || (goOnWhenAway && reporter.away)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const release = holdProcess();
    attempt.waiting++;
    const finish = (held: boolean): void => {
      release();
      attempt.waiting--;
      cancelTimer?.();
      endNews();
      endAway();
      signal.removeEventListener('abort', giveUp);
      resolve(held);
    };
    const giveUp = (): void => finish(until());
    const look = (): void => {
      if (until()) finish(true);
    };
    const endNews = attempt.onNews(look);
    const endAway = reporter.onAway(() => {
      if (goOnWhenAway && reporter.away) giveUp();
    });
    const cancelTimer = timeoutMs === undefined ? undefined : clock.setTimer(timeoutMs, giveUp);
    signal.addEventListener('abort', giveUp);
  });
}
