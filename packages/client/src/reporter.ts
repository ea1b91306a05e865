import { isParamoError, ParamoError, sleep } from '@paramo/core';
import type { Clock, Entropy } from '@paramo/core';
import type { AskRequest } from '@paramo/protocol';
import { createAttempt } from './attempt.js';
import type { Attempt, AttemptTerms } from './attempt.js';
import { callEnd } from './call-end.js';
import type { EndAnswer } from './call-end.js';
import { holdProcess } from './hold-process.js';
import { runReportStream } from './report-stream.js';
import type { Link } from './link.js';
import type { AttemptEnd } from './spool/attempt-end.js';
import { attemptName } from './spool/spool-files.js';
import { createSpooler } from './spool/spooler.js';
import type { Spool } from './spool/spool.js';
import { createStranded } from './stranded.js';
import { waitForNews } from './wait-for-news.js';
import type { Reach } from './wait-for-news.js';
import type { Warnings } from './warning.js';

/** What became of points that were not stored. */
export interface LostPoints {
  /** Refused at once: bad names, values or steps. */
  readonly refused: number;
  /** Given up while the daemon was away: the spool was past its quota or, without one, memory was full. */
  readonly dropped: number;
}

/** Carries the points of all attempts of this process to the daemon, and its decisions back. */
export interface Reporter extends Reach {
  readonly lost: LostPoints;
  /** Points that the daemon is not known to have. */
  readonly unsent: number;
  /** Delivers in the background what processes that are gone have left in the home. The first call counts. */
  start(): void;
  /** Begins to carry an attempt and to renew its lease. */
  register(terms: AttemptTerms): Attempt;
  /**
   * Ends an attempt, its last points in the same call, and carries it no more. From the call on its end is in the spool, so that it reaches the
   * daemon even if this process does not live to see it. Undefined: the daemon is away; it is told when it is back, or by
   * whoever delivers the spool. Only an end that takes an ask along, or that could not be written to disk, waits for it.
   * @throws ParamoError what the daemon refuses with; UNAVAILABLE and the like when it stays away.
   */
  end(attempt: Attempt, end: AttemptEnd, askNext?: AskRequest): Promise<EndAnswer | undefined>;
  /** Takes a point for the next batch. Never waits, never throws. */
  add(attempt: Attempt, name: string, step: number, value: number): void;
  /** Notes steps done that no point shows; sent before long. */
  progress(attempt: Attempt, done: number): void;
  /** Counts a point that cannot be stored, and says why once a subject. */
  refuse(subject: string, why: string): void;
  /** Sends what waits now, not at the next tick. */
  flush(): void;
  /** Sends what waits for at most `timeoutMs`, less what ends have waited in vain, says goodbye and what stays behind, and ends. */
  close(timeoutMs: number): Promise<void>;
}

/** What a reporter runs on. */
export interface ReporterOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly warnings: Warnings;
  /** The writer id: unique to this process. */
  readonly writerId: string;
  /** The most points kept in memory while they are not acked. More lie in the spool alone; without one, the oldest batches lose theirs. */
  readonly maxPoints?: number;
  /** Where batches and ends are kept until they are acked; absent: in memory only. */
  readonly spool?: Spool;
  /** Delivers what processes that are gone have left; never rejects. */
  readonly deliverLeftovers?: (signal: AbortSignal) => Promise<void>;
}

/** The longest a point waits for company, in milliseconds. */
const flushMs = 100;
/** The longest that mere progress waits, in milliseconds. */
const progressMs = 1000;
/** Size of the largest batch; a message holds a few. */
const batchBytes = 128 * 1024;
/** 24 bytes of memory each: 12 MB. */
const defaultMaxPoints = 500_000;
/** A lease is renewed so many times within its length. */
const renewals = 6;
/** How long a daemon that is away is waited for by an end that is in the spool, and by one that needs an answer: a result is worth more patience than a question. */
const shortPatienceMs = 5000;
const longPatienceMs = 600_000;
/** A call that waits for a commit and perhaps a suggestion. */
const endCallMs = 60_000;
/** The most unacked points the last call of an attempt carries; what is beyond goes by the stream first. */
const carriedBytes = 512 * 1024;
/** Nobody has taken an end in that failed so. */
const unheard = ['UNAVAILABLE', 'DAEMON_UNREACHABLE', 'TIMEOUT', 'OVERLOADED', 'ABORTED', 'STORE_FULL', 'DAEMON_VERSION', 'UNAUTHENTICATED'] as const;
/** How long the stream outlasts attempts nobody is waiting in. */
const lingerMs = 100;

/** A reporter that opens its stream when there is something to say. */
export function createReporter(options: ReporterOptions): Reporter {
  const { link, clock, entropy, warnings, writerId, maxPoints = defaultMaxPoints } = options;
  const attempts = new Map<string, Attempt>();
  const spooler = options.spool && createSpooler({ spool: options.spool, clock, warnings, attempts });
  const awayListeners = new Set<() => void>();
  const ending = new Set<Promise<unknown>>();
  const stranded = createStranded();
  let wake: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let delivering: Promise<void> | undefined;
  const abandoned = new AbortController();
  let flushTimer: { readonly dueMs: number; readonly cancel: () => void } | undefined;
  let renewTimer: (() => void) | undefined;
  let flushDue = false;
  let away = false;
  let points = 0;
  let refused = 0;
  let dropped = 0;
  /** How long ends have waited for the daemon in vain, since it is away. */
  let waitedMs = 0;
  let lingerUntilMs = 0;
  let lingerTimer: (() => void) | undefined;
  let goodbye: 'no' | 'due' | 'said' = 'no';

  const nudge = (): void => {
    wake?.();
    if (!running && (wanted() || goodbye === 'due') && !abandoned.signal.aborted) {
      running = stream().finally(() => {
        running = undefined;
        // What came in while the stream was closing opens the next one.
        if (wanted()) nudge();
      });
    }
  };
  const wanted = (): boolean => {
    if (goodbye === 'said') return false;
    for (const attempt of attempts.values()) if (attempt.held || attempt.waiting > 0 || (attempt.hasWork && !attempt.finishing) || renewalDue(attempt)) return true;
    return clock.monotonicMs() < lingerUntilMs;
  };
  const linger = (): void => {
    lingerUntilMs = clock.monotonicMs() + lingerMs;
    lingerTimer ??= clock.setTimer(lingerMs + 1, () => {
      lingerTimer = undefined;
      if (clock.monotonicMs() < lingerUntilMs) linger();
      else nudge();
    });
  };
  const renewalDue = (attempt: Attempt): boolean => clock.monotonicMs() - attempt.lastSentMs >= attempt.leaseMs / renewals - 1;
  const flush = (): void => {
    flushTimer?.cancel();
    flushTimer = undefined;
    spooler?.flush();
    flushDue = true;
    nudge();
  };
  const flushAll = (): void => {
    for (const { loose } of attempts.values()) loose.addNewest();
    flush();
  };
  const scheduleFlush = (delayMs: number): void => {
    const dueMs = clock.monotonicMs() + delayMs;
    if (flushTimer && flushTimer.dueMs <= dueMs) return;
    flushTimer?.cancel();
    flushTimer = { dueMs, cancel: clock.setTimer(delayMs, flush) };
  };
  const scheduleRenewal = (): void => {
    renewTimer?.();
    renewTimer = undefined;
    if (attempts.size === 0) return;
    const shortest = Math.min(...[...attempts.values()].map(({ leaseMs }) => leaseMs)) / renewals;
    renewTimer = clock.setTimer(shortest / 2, () => {
      nudge();
      scheduleRenewal();
    });
  };
  const count = (): void => {
    points = 0;
    for (const { loose, batches } of attempts.values()) points += loose.points + batches.heldPoints;
  };
  /** Frees memory when the daemon has been away for long: what is on disk too, else the oldest points of `attempt` go first, then anybody's. */
  const shed = (attempt: Attempt): void => {
    attempt.cut();
    if (spooler?.write()) spooler.release();
    count();
    while (points > maxPoints) {
      const gone = attempt.batches.shed() || [...attempts.values()].reduce((sum, other) => sum || other.batches.shed(), 0);
      if (gone === 0) return;
      dropped += gone;
      points -= gone;
      warnings.once('dropped', `the daemon has been away for long: the oldest of ${maxPoints} unsent points are being dropped`);
    }
  };
  const forget = (attempt: Attempt): void => {
    attempt.forgotten = true;
    const name = attemptName(attempt);
    if (attempts.get(name) === attempt) attempts.delete(name);
    dropped += attempt.loose.dropped;
    count();
    linger();
    scheduleRenewal();
    nudge();
  };
  const tellEnd = async (attempt: Attempt, end: AttemptEnd, askNext: AskRequest | undefined, inBackground: boolean): Promise<EndAnswer> => {
    const { signal } = abandoned;
    try {
      const enough = (): boolean => attempt.bytes <= carriedBytes;
      if (!enough()) {
        nudge();
        await waitForNews({ attempt, reporter, clock, until: enough, ...(!inBackground && { timeoutMs: longPatienceMs }), goOnWhenAway: false, signal });
        if (!enough()) throw new ParamoError({ code: 'UNAVAILABLE', message: `the daemon stays away, and trial ${attempt.trial} has more to tell than its last call can carry`, hint: 'Try again when it is back.' });
      }
      attempt.finishing = true;
      const call = { patienceMs: inBackground ? Number.POSITIVE_INFINITY : longPatienceMs, tryTimeoutMs: endCallMs, signal, isBackground: inBackground };
      const answer = await callEnd(link, end, { batches: attempt.batches.all(), askNext }, call);
      spooler?.settle(attempt);
      forget(attempt);
      return answer;
    } catch (error) {
      // The caller is to end it in another way.
      if (isParamoError(error, 'OBJECTIVE_MISSING')) throw error;
      // What nobody took in stays in the spool; what was refused would be refused again.
      if (unheard.some((code) => isParamoError(error, code))) stranded.add(attempt, 1);
      else spooler?.settle(attempt);
      forget(attempt);
      throw error;
    }
  };

  const stream = (): Promise<void> =>
    runReportStream({
      link,
      clock,
      entropy,
      warnings,
      writerId,
      signal: abandoned.signal,
      attempts,
      wanted: () => wanted() || goodbye === 'due',
      renewalDue,
      takeFlush: () => {
        const due = flushDue;
        flushDue = false;
        return due;
      },
      spool: () => void spooler?.write(),
      takeGoodbye: () => {
        if (goodbye !== 'due' || ending.size > 0) return false;
        for (const attempt of attempts.values()) if (attempt.hasWork) return false;
        goodbye = 'said';
        return true;
      },
      setWake: (next) => {
        wake = next;
      },
      setAway: (next) => {
        if (away === next) return;
        away = next;
        waitedMs = 0;
        for (const listener of [...awayListeners]) listener();
      },
      onNews: () => {
        spooler?.ack();
        count();
        // An ack may be what the end of the stream waits for.
        wake?.();
      },
    });

  const reporter: Reporter = {
    get away() {
      return away;
    },
    get lost() {
      let thinned = 0;
      for (const { loose } of attempts.values()) thinned += loose.dropped;
      return { refused, dropped: dropped + thinned };
    },
    get unsent() {
      let unsent = stranded.points;
      for (const attempt of attempts.values()) unsent += attempt.points;
      return unsent;
    },
    start() {
      delivering ??= options.deliverLeftovers?.(abandoned.signal);
    },
    register(terms) {
      const name = attemptName(terms);
      const attempt = createAttempt(terms, clock.monotonicMs(), spooler && ((sequence) => spooler.read(name, sequence)));
      attempts.set(name, attempt);
      scheduleRenewal();
      nudge();
      return attempt;
    },
    async end(attempt, end, askNext) {
      attempt.loose.addNewest();
      attempt.cut();
      const isSafe = spooler?.end(attempt, end) === true;
      const inBackground = isSafe && !askNext;
      const answer = tellEnd(attempt, end, askNext, inBackground).finally(() => {
        ending.delete(answer);
        nudge();
      });
      ending.add(answer);
      if (!inBackground) return answer;
      const over = new AbortController();
      const release = holdProcess();
      const beginMs = clock.monotonicMs();
      try {
        return await Promise.race([answer, sleep(clock, shortPatienceMs, over.signal).then(() => undefined, () => undefined)]);
      } catch (error) {
        if (!unheard.some((code) => isParamoError(error, code))) throw error;
        return undefined;
      } finally {
        if (away) waitedMs += clock.monotonicMs() - beginMs;
        release();
        over.abort();
        answer.catch(() => undefined);
      }
    },
    add(attempt, name, step, value) {
      if (attempt.forgotten) return;
      if (attempt.loose.add(name, step, value, Math.max(0, Math.floor(clock.wallMs()))) && ++points > maxPoints) shed(attempt);
      if (attempt.loose.bytes >= batchBytes) attempt.cut();
      scheduleFlush(flushMs);
    },
    progress(attempt, done) {
      attempt.markDone(done);
      scheduleFlush(progressMs);
    },
    refuse(subject, why) {
      refused++;
      warnings.once(subject, why);
    },
    flush: flushAll,
    onAway(listener) {
      awayListeners.add(listener);
      return () => awayListeners.delete(listener);
    },
    async close(timeoutMs) {
      if (goodbye === 'no' && attempts.size > 0) goodbye = 'due';
      lingerUntilMs = 0;
      const release = holdProcess();
      const cancelTimer = clock.setTimer(Math.max(0, timeoutMs - waitedMs), () => abandoned.abort());
      flushAll();
      await Promise.allSettled(ending);
      nudge();
      // The stream may end and open again on the way.
      while (running) await running;
      release();
      cancelTimer();
      flushTimer?.cancel();
      renewTimer?.();
      lingerTimer?.();
      abandoned.abort();
      await delivering;
      for (const attempt of attempts.values()) stranded.add(attempt, 0);
      const where = spooler?.directory;
      spooler?.close();
      for (const left of stranded.texts()) warnings.once(`left ${left}`, where === undefined ? `the daemon is away: ${left} were not stored` : `the daemon is away: ${left} stay in ${where}; they are sent at the next start, or by \`paramo sync\``);
    },
  };
  return reporter;
}
