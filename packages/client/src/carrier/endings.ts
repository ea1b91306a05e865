import { isParamoError, ParamoError, sleep } from '@paramo/core';
import type { Clock } from '@paramo/core';
import type { AskRequest } from '@paramo/protocol';
import type { Link } from '../link.js';
import type { AttemptEnd } from '../spool/attempt-end.js';
import { callEnd } from './call-end.js';
import type { EndAnswer } from './call-end.js';
import type { CarriedAttempt } from './carried-attempt.js';

/** The ends of attempts that are being told. */
export interface Endings {
  /** How many the daemon has not answered. */
  readonly pending: number;
  /** How long ends have waited for the daemon in vain, since it is away. */
  readonly waitedMs: number;
  /**
   * Tells one, its last points in the same call. `isSafe`: it is on disk. Then, unless an ask goes along, it is answered with undefined when the
   * daemon stays away for 5 s, and told in the background.
   * @throws ParamoError what the daemon refuses with; UNAVAILABLE and the like when it stays away.
   */
  end(attempt: CarriedAttempt, end: AttemptEnd, askNext: AskRequest | undefined, isSafe: boolean): Promise<EndAnswer | undefined>;
  /** Looks whether what was acked lets one go on. */
  look(): void;
  /** The daemon is found or lost. */
  reset(): void;
  /** Resolves when none is pending. */
  settled(): Promise<void>;
}

/** What they run on. */
export interface EndingsOptions {
  readonly link: Link;
  readonly clock: Clock;
  /** Gives them all up. */
  readonly signal: AbortSignal;
  /** Makes the stream send what is unsent. */
  readonly nudge: () => void;
  readonly isAway: () => boolean;
  /** Called once when one was answered, or given up with an error. */
  readonly onOver: (attempt: CarriedAttempt, error?: unknown) => void;
}

/** How long a daemon that is away is waited for by an end that is on disk, and by one that needs an answer: a result is worth more patience than a question. */
const shortPatienceMs = 5000;
const longPatienceMs = 600_000;
/** A call that waits for a commit and perhaps a suggestion. */
const callMs = 60_000;
/** The most unacked points the last call of an attempt carries; what is beyond goes by the stream first. */
const carriedBytes = 512 * 1024;
/** Nobody has taken an end in that failed so. */
const unheard = ['UNAVAILABLE', 'DAEMON_UNREACHABLE', 'TIMEOUT', 'OVERLOADED', 'ABORTED', 'STORE_FULL', 'DAEMON_VERSION', 'UNAUTHENTICATED'] as const;

/** Whether the daemon did not take an end in, rather than refuse it. */
export function isUnheard(error: unknown): boolean {
  return unheard.some((code) => isParamoError(error, code));
}

/** None yet. */
export function createEndings({ link, clock, signal, nudge, isAway, onOver }: EndingsOptions): Endings {
  const pending = new Set<Promise<EndAnswer>>();
  const looks = new Set<() => void>();
  let waitedMs = 0;

  /** Resolves when the last call can carry what is not acked; false: it never came to that. */
  const fits = (attempt: CarriedAttempt, patienceMs: number): Promise<boolean> => {
    const isFit = (): boolean => attempt.bytes <= carriedBytes;
    if (isFit()) return Promise.resolve(true);
    nudge();
    return new Promise((resolve) => {
      const finish = (): void => {
        looks.delete(look);
        cancel?.();
        signal.removeEventListener('abort', finish);
        resolve(isFit());
      };
      const look = (): void => {
        if (isFit()) finish();
      };
      const cancel = Number.isFinite(patienceMs) ? clock.setTimer(patienceMs, finish) : undefined;
      looks.add(look);
      if (signal.aborted) finish();
      else signal.addEventListener('abort', finish);
    });
  };
  const tell = async (attempt: CarriedAttempt, end: AttemptEnd, askNext: AskRequest | undefined, patienceMs: number): Promise<EndAnswer> => {
    let failure: unknown;
    try {
      if (!(await fits(attempt, patienceMs))) throw new ParamoError({ code: 'UNAVAILABLE', message: `the daemon stays away, and trial ${attempt.trial} has more to tell than its last call can carry`, hint: 'Try again when it is back.' });
      attempt.finishing = true;
      return await callEnd(link, end, { batches: attempt.batches.all(), askNext }, { patienceMs, tryTimeoutMs: callMs, signal, isBackground: true });
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      onOver(attempt, failure);
    }
  };

  return {
    get pending() {
      return pending.size;
    },
    get waitedMs() {
      return waitedMs;
    },
    async end(attempt, end, askNext, isSafe) {
      const inBackground = isSafe && !askNext;
      const answer = tell(attempt, end, askNext, inBackground ? Number.POSITIVE_INFINITY : longPatienceMs).finally(() => {
        pending.delete(answer);
        nudge();
      });
      pending.add(answer);
      if (!inBackground) return answer;
      const over = new AbortController();
      const beginMs = clock.monotonicMs();
      try {
        return await Promise.race([answer, sleep(clock, shortPatienceMs, over.signal).then(() => undefined)]);
      } catch (error) {
        if (!isUnheard(error)) throw error;
        return undefined;
      } finally {
        if (isAway()) waitedMs += clock.monotonicMs() - beginMs;
        over.abort();
        answer.catch(() => undefined);
      }
    },
    look() {
      for (const look of [...looks]) look();
    },
    reset() {
      waitedMs = 0;
    },
    async settled() {
      await Promise.allSettled(pending);
    },
  };
}
