import { isParamoError, ParamoError } from '@paramo/core';
import type { Clock } from '@paramo/core';
import type { AskRequest } from '@paramo/protocol';
import { createAttempt } from './attempt.js';
import type { Attempt, AttemptTerms, ReportedAttempt } from './attempt.js';
import type { EndAnswer } from './carrier/call-end.js';
import type { CarrierChannel, FromCarrier, OpenChannel, ToCarrier } from './carrier/messages.js';
import { createPointRing, progressMetric } from './carrier/point-ring.js';
import { holdProcess } from './hold-process.js';
import type { AttemptEnd } from './spool/attempt-end.js';
import type { Reach } from './wait-for-news.js';
import type { Warnings } from './warning.js';

/** What became of points that were not stored. */
export interface LostPoints {
  /** Refused at once: bad names, values or steps. */
  readonly refused: number;
  /** Given up: the spool was past its quota while the daemon was away or, without one, memory was full; or they came faster than they could be taken. */
  readonly dropped: number;
}

/** Hands the points of all attempts of this process on to their carrier, and the daemon's decisions back. */
export interface Reporter extends Reach {
  readonly lost: LostPoints;
  /** Points that the daemon is not known to have. */
  readonly unsent: number;
  /**
   * Delivers in the background what processes that are gone have left in the home; only the first call does. Resolves when the carrier is
   * at work: what is logged from then on is on disk a tenth of a second later.
   */
  start(): Promise<void>;
  /** Begins to carry an attempt and to renew its lease. */
  register(terms: AttemptTerms): Attempt;
  /**
   * Ends an attempt, its last points in the same call, and carries it no more. From then on its end is in the spool, so that it reaches the
   * daemon even if this process does not live to see it. Undefined: the daemon is away; it is told when it is back, or by
   * whoever delivers the spool. Only an end that takes an ask along, or that could not be written to disk, waits for it.
   * @throws ParamoError what the daemon refuses with; UNAVAILABLE and the like when it stays away.
   */
  end(attempt: Attempt, end: AttemptEnd, askNext?: AskRequest): Promise<EndAnswer | undefined>;
  /** Takes nothing more of an attempt, which somebody else has now. */
  forgo(attempt: Attempt): void;
  /** Takes a point for the next batch. Never waits, never throws. */
  add(attempt: Attempt, name: string, step: number, value: number): void;
  /** Notes steps done that no point shows; sent before long. */
  progress(attempt: Attempt, done: number): void;
  /** Counts a point that cannot be stored, and says why once a subject. */
  refuse(subject: string, why: string): void;
  /** Sends what waits now, not at the next tick. */
  flush(): void;
  /** Brings what waits to disk before it returns, for a process that is about to end. Waits for two seconds at most. */
  save(): void;
  /** Sends what waits for at most `timeoutMs`, less what ends have waited in vain, says goodbye and what stays behind, and ends. */
  close(timeoutMs: number): Promise<void>;
}

/** What a reporter runs on. */
export interface ReporterOptions {
  /** The way to its carrier, opened when there is something to carry. */
  readonly open: OpenChannel;
  readonly clock: Clock;
  readonly warnings: Warnings;
  /** Entries of the ring. */
  readonly ringCapacity?: number;
}

/** The thread may just be starting. */
const saveMs = 2000;
/** A carrier that does not end in its time, and so long after, is not waited for. */
const graceMs = 1000;

/** A reporter with nothing to carry. */
export function createReporter({ open, clock, warnings, ringCapacity }: ReporterOptions): Reporter {
  const ring = createPointRing(ringCapacity);
  const attempts = new Map<number, ReportedAttempt>();
  /** Those with points that found no room in the ring. */
  const crowded = new Set<ReportedAttempt>();
  /** What keeps this process alive while one of our calls evaluates an attempt. */
  const holds = new Map<number, () => void>();
  const endings = new Map<number, { readonly resolve: (answer: EndAnswer | undefined) => void; readonly reject: (error: ParamoError) => void }>();
  const awayListeners = new Set<() => void>();
  let channel: CarrierChannel | undefined;
  let starting: Promise<void> | undefined;
  let handles = 0;
  let ends = 0;
  let away = false;
  let refused = 0;
  let dropped = 0;
  /** Points handed to the carrier. */
  let points = 0;
  let counts = { dropped: 0, unsent: 0, taken: 0 };
  let dead: string | undefined;
  let closed: (() => void) | undefined;
  let isClosed = false;

  const setAway = (next: boolean): void => {
    if (away === next) return;
    away = next;
    for (const listener of [...awayListeners]) listener();
  };
  const deadError = (): ParamoError => new ParamoError({ code: 'INTERNAL', message: `the thread that reports has failed: ${dead}`, hint: 'What is in the spool is sent at the next start. Start this process again.' });
  const receive = (message: FromCarrier): void => {
    switch (message.kind) {
      case 'away':
        return setAway(message.away);
      case 'news': {
        const attempt = attempts.get(message.handle);
        if (!attempt) return;
        attempt.settled = message.settled;
        if (message.update) attempt.apply(message.update);
        else if (message.gone !== undefined) attempt.end(message.gone);
        else attempt.tell();
        return;
      }
      case 'counts':
        counts = message;
        return;
      case 'warning':
        return warnings.once(message.subject, message.text);
      case 'ended': {
        const { answer, error } = message;
        const ending = endings.get(message.id);
        endings.delete(message.id);
        if (error) ending?.reject(new ParamoError(error));
        else ending?.resolve(answer);
        return;
      }
      case 'closed':
        return closed?.();
      case 'dead':
        dead = message.why;
        setAway(true);
        warnings.once('dead', deadError().message);
        for (const { reject } of endings.values()) reject(deadError());
        endings.clear();
        return closed?.();
    }
  };
  const post = (message: ToCarrier): void => {
    if (isClosed || dead !== undefined) return;
    channel ??= open(ring.memory, receive);
    channel.post(message);
  };
  const forget = ({ handle }: ReportedAttempt): void => {
    attempts.delete(handle);
    holds.get(handle)?.();
    holds.delete(handle);
  };
  /** Tries to bring the points kept aside into the ring. */
  const makeRoom = (): boolean => {
    for (const attempt of crowded) {
      for (const [metric, { step, value, timeMs }] of attempt.aside) {
        if (!push(attempt, metric, step, value, timeMs)) return false;
        attempt.aside.delete(metric);
      }
      crowded.delete(attempt);
    }
    return true;
  };
  /** Sends the points kept aside by message. */
  const sendAside = (): void => {
    for (const attempt of crowded) {
      post({ kind: 'aside', handle: attempt.handle, points: [...attempt.aside] });
      attempt.handed += attempt.aside.size;
      points += attempt.aside.size;
      attempt.aside.clear();
    }
    crowded.clear();
  };
  const push = (attempt: ReportedAttempt, metric: number, step: number, value: number, timeMs: number): boolean => {
    const pushed = ring.push(attempt.handle, metric, step, value, timeMs);
    if (pushed === 'full') return false;
    attempt.handed++;
    if (metric !== progressMetric) points++;
    if (pushed !== 'taken') post({ kind: 'entries', hurry: pushed === 'hurry' });
    return true;
  };

  return {
    get away() {
      return away;
    },
    get lost() {
      return { refused, dropped: dropped + counts.dropped };
    },
    get unsent() {
      return counts.unsent + points - counts.taken;
    },
    start() {
      if (!starting) {
        post({ kind: 'start' });
        const release = holdProcess();
        starting = (channel?.ready ?? Promise.resolve()).then(release);
      }
      return starting;
    },
    register(terms) {
      const handle = ++handles;
      const attempt = createAttempt(terms, handle, (isWaiting) => post({ kind: 'waiting', handle, isWaiting }));
      attempts.set(handle, attempt);
      if (terms.held) holds.set(handle, holdProcess());
      post({ kind: 'register', handle, terms });
      return attempt;
    },
    async end(given, end, askNext) {
      const attempt = given as ReportedAttempt;
      if (dead !== undefined) throw deadError();
      if (isClosed) throw closedError();
      sendAside();
      attempt.finishing = true;
      const id = ++ends;
      const release = holdProcess();
      try {
        const answer = await new Promise<EndAnswer | undefined>((resolve, reject) => {
          endings.set(id, { resolve, reject });
          post({ kind: 'end', id, handle: attempt.handle, end, askNext });
        });
        forget(attempt);
        return answer;
      } catch (error) {
        // Such an attempt is to be ended in another way.
        if (!isParamoError(error, 'OBJECTIVE_MISSING')) forget(attempt);
        throw error;
      } finally {
        release();
      }
    },
    forgo(attempt) {
      (attempt as ReportedAttempt).finishing = true;
    },
    add(given, name, step, value) {
      const attempt = given as ReportedAttempt;
      if (attempt.finishing) return;
      let metric = attempt.metrics.get(name);
      if (metric === undefined) {
        metric = attempt.metrics.size;
        attempt.metrics.set(name, metric);
        post({ kind: 'metric', handle: attempt.handle, name });
      }
      const timeMs = Math.max(0, Math.floor(clock.wallMs()));
      if ((crowded.size === 0 || makeRoom()) && push(attempt, metric, step, value, timeMs)) return;
      // The caller never waits: until there is room the newest point of each metric is kept.
      if (crowded.size === 0) {
        post({ kind: 'entries', hurry: true });
        warnings.once('crowded', 'points are logged faster than they can be taken: only some of them are kept');
      }
      const before = attempt.aside.get(metric);
      if (before && before.step !== step) dropped++;
      attempt.aside.set(metric, { step, value, timeMs });
      crowded.add(attempt);
    },
    progress(given, done) {
      const attempt = given as ReportedAttempt;
      // Where there is no room, points will show it.
      if (!attempt.finishing) push(attempt, progressMetric, done, 0, 0);
    },
    refuse(subject, why) {
      refused++;
      warnings.once(subject, why);
    },
    flush() {
      sendAside();
      post({ kind: 'flush' });
    },
    onAway(listener) {
      awayListeners.add(listener);
      return () => awayListeners.delete(listener);
    },
    save() {
      if (!channel || isClosed || dead !== undefined) return;
      const { saves } = ring;
      sendAside();
      post({ kind: 'save' });
      ring.waitForSave(saves, saveMs);
    },
    async close(timeoutMs) {
      if (channel && !isClosed && dead === undefined) {
        const release = holdProcess();
        sendAside();
        await new Promise<void>((resolve) => {
          const cancel = clock.setTimer(timeoutMs + graceMs, () => closed?.());
          closed = () => {
            cancel();
            resolve();
          };
          post({ kind: 'close', timeoutMs });
        });
        release();
      }
      isClosed = true;
      await channel?.close();
      for (const { reject } of endings.values()) reject(closedError());
      endings.clear();
      for (const attempt of [...attempts.values()]) forget(attempt);
    },
  };
}

function closedError(): ParamoError {
  return new ParamoError({ code: 'ABORTED', message: 'the connection was closed', hint: 'Open a new one with connect().' });
}
