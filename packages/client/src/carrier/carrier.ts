import { isParamoError, ParamoError } from '@paramo/core';
import type { Clock, Entropy } from '@paramo/core';
import type { Link } from '../link.js';
import { attemptName } from '../spool/spool-files.js';
import { createSpooler } from '../spool/spooler.js';
import type { Spool } from '../spool/spool.js';
import type { Warnings } from '../warning.js';
import { carryAttempt } from './carried-attempt.js';
import type { CarriedAttempt } from './carried-attempt.js';
import { createEndings, isUnheard } from './endings.js';
import { createIntake } from './intake.js';
import type { FromCarrier, ToCarrier } from './messages.js';
import { readPointRing } from './point-ring.js';
import { runReportStream } from './report-stream.js';
import { createStranded } from './stranded.js';

/** Takes points out of the ring, brings them to disk and to the daemon, and renews leases: all that training does not wait for. */
export interface Carrier {
  receive(message: ToCarrier): void;
}

/** What a carrier runs on. */
export interface CarrierOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** The writer id: unique to this process. */
  readonly writerId: string;
  /** The ring its reporter writes. */
  readonly memory: SharedArrayBuffer;
  readonly send: (message: FromCarrier) => void;
  /** The most points kept in memory while they are not acked. More lie in the spool alone; without one, the oldest batches lose theirs. */
  readonly maxPoints?: number;
  /** Where batches and ends are kept until they are acked; absent: in memory only. */
  readonly spool?: Spool;
  /** Delivers what processes that are gone have left; never rejects. */
  readonly deliverLeftovers?: (warnings: Warnings, signal: AbortSignal) => Promise<void>;
}

/** The longest a point waits for company, in milliseconds. */
const flushMs = 100;
/** The longest that mere progress waits, in milliseconds. */
const progressMs = 1000;
/** 24 bytes of memory each: 12 MB. */
const defaultMaxPoints = 500_000;
/** A lease is renewed so many times within its length. */
const renewals = 6;
/** How long the stream outlasts attempts nobody is waiting in. */
const lingerMs = 100;

/** A carrier that opens its stream when there is something to say. */
export function createCarrier(options: CarrierOptions): Carrier {
  const { link, clock, entropy, writerId, send, maxPoints = defaultMaxPoints } = options;
  const ring = readPointRing(options.memory);
  const warnings: Warnings = { once: (subject, text) => send({ kind: 'warning', subject, text }) };
  /** Those carried, by `attemptName`. */
  const attempts = new Map<string, CarriedAttempt>();
  const spooler = options.spool && createSpooler({ spool: options.spool, clock, warnings, attempts });
  const intake = createIntake({ ring, attempts, warnings, maxPoints, spooler });
  const stranded = createStranded();
  const abandoned = new AbortController();
  let wake: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let delivering: Promise<void> | undefined;
  let drainTimer: (() => void) | undefined;
  let flushTimer: { readonly dueMs: number; readonly cancel: () => void } | undefined;
  let renewTimer: (() => void) | undefined;
  let lingerTimer: (() => void) | undefined;
  let lingerUntilMs = 0;
  let flushDue = false;
  let away = false;
  let told = { taken: 0, dropped: 0, unsent: 0 };
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
    for (const attempt of attempts.values()) if (attempt.held || attempt.isWaitedFor || (attempt.hasWork && !attempt.finishing) || renewalDue(attempt)) return true;
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
  const renewalDue = (attempt: CarriedAttempt): boolean => clock.monotonicMs() - attempt.lastSentMs >= attempt.leaseMs / renewals - 1;
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

  /** Takes what is in the ring. True: there are points among it, or among what was taken before, that wait to be flushed. */
  const drain = (): boolean => {
    if (!intake.drain()) scheduleDrain();
    for (const { loose } of attempts.values()) if (loose.points > 0) return true;
    return false;
  };
  /** Points wait for company in the ring. */
  const scheduleDrain = (): void => {
    drainTimer ??= clock.setTimer(flushMs, () => {
      drainTimer = undefined;
      if (drain()) flush();
      else scheduleFlush(progressMs - flushMs);
    });
  };
  const scheduleFlush = (delayMs: number): void => {
    const dueMs = clock.monotonicMs() + delayMs;
    if (flushTimer && flushTimer.dueMs <= dueMs) return;
    flushTimer?.cancel();
    flushTimer = { dueMs, cancel: clock.setTimer(delayMs, flush) };
  };
  const flush = (): void => {
    flushTimer?.cancel();
    flushTimer = undefined;
    drain();
    spooler?.flush();
    flushDue = true;
    tell();
    nudge();
  };
  const flushAll = (): void => {
    drain();
    for (const { loose } of attempts.values()) loose.addNewest();
    flush();
  };
  /** Tells what is settled, and the counts, where they have changed. */
  const tell = (): void => {
    let unsent = stranded.points;
    let dropped = intake.dropped;
    for (const attempt of attempts.values()) {
      unsent += attempt.points;
      dropped += attempt.loose.dropped;
      if (attempt.taken > attempt.told && !attempt.hasWork && attempt.loose.isEmpty) {
        attempt.told = attempt.taken;
        send({ kind: 'news', handle: attempt.handle, settled: attempt.told });
      }
    }
    const { taken } = intake;
    if (told.taken === taken && told.dropped === dropped && told.unsent === unsent) return;
    told = { taken, dropped, unsent };
    send({ kind: 'counts', ...told });
  };
  const register = (handle: number, terms: Extract<ToCarrier, { kind: 'register' }>['terms']): void => {
    const name = attemptName(terms);
    intake.add(carryAttempt(terms, handle, clock.monotonicMs(), spooler && ((sequence) => spooler.read(name, sequence))));
    scheduleRenewal();
    nudge();
  };
  const forget = (attempt: CarriedAttempt): void => {
    intake.remove(attempt);
    tell();
    linger();
    scheduleRenewal();
    nudge();
  };
  const endings = createEndings({
    link,
    clock,
    signal: abandoned.signal,
    nudge,
    isAway: () => away,
    onOver(attempt, error) {
      // The caller is to end it in another way.
      if (isParamoError(error, 'OBJECTIVE_MISSING')) return;
      // What nobody took in stays in the spool; what was refused would be refused again.
      if (error !== undefined && isUnheard(error)) stranded.add(attempt, 1);
      else spooler?.settle(attempt);
      forget(attempt);
    },
  });
  const end = async ({ id, handle, end: how, askNext }: Extract<ToCarrier, { kind: 'end' }>): Promise<void> => {
    drain();
    const attempt = intake.find(handle);
    // It was ended before.
    if (!attempt) return send({ kind: 'ended', id });
    attempt.loose.addNewest();
    attempt.cut();
    const isSafe = spooler?.end(attempt, how) === true;
    try {
      const answer = await endings.end(attempt, how, askNext, isSafe);
      send({ kind: 'ended', id, ...(answer && { answer }) });
    } catch (thrown) {
      const { code, summary, hint, details } = ParamoError.from(thrown);
      send({ kind: 'ended', id, error: { code, message: summary, hint, ...(details !== undefined && { details }) } });
    }
  };
  const close = async (timeoutMs: number): Promise<void> => {
    if (goodbye === 'no' && attempts.size > 0) goodbye = 'due';
    lingerUntilMs = 0;
    const cancelTimer = clock.setTimer(Math.max(0, timeoutMs - endings.waitedMs), () => abandoned.abort());
    flushAll();
    await endings.settled();
    nudge();
    // The stream may end and open again on the way.
    while (running) await running;
    cancelTimer();
    drainTimer?.();
    flushTimer?.cancel();
    renewTimer?.();
    lingerTimer?.();
    abandoned.abort();
    await delivering;
    for (const attempt of attempts.values()) stranded.add(attempt, 0);
    const where = spooler?.directory;
    spooler?.close();
    for (const left of stranded.texts()) warnings.once(`left ${left}`, where === undefined ? `the daemon is away: ${left} were not stored` : `the daemon is away: ${left} stay in ${where}; they are sent at the next start, or by \`paramo sync\``);
    send({ kind: 'closed' });
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
        if (goodbye !== 'due' || endings.pending > 0) return false;
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
        endings.reset();
        send({ kind: 'away', away });
      },
      onNews: (attempt, news) => {
        if (!attempt.hasWork && attempt.loose.isEmpty) attempt.told = attempt.taken;
        send({ kind: 'news', handle: attempt.handle, settled: attempt.told, ...news });
      },
      onMessage: () => {
        spooler?.ack();
        intake.count();
        tell();
        endings.look();
        // An ack may be what the end of the stream waits for.
        wake?.();
      },
    });

  if (!ring.listen()) scheduleDrain();

  return {
    receive(message) {
      switch (message.kind) {
        case 'start':
          delivering ??= options.deliverLeftovers?.(warnings, abandoned.signal);
          return;
        case 'register':
          return register(message.handle, message.terms);
        case 'metric':
          intake.find(message.handle)?.metrics.push(message.name);
          return;
        case 'entries':
          if (message.hurry) {
            drain();
            nudge();
          }
          return scheduleDrain();
        case 'aside': {
          drain();
          for (const [metric, { step, value, timeMs }] of message.points) intake.take(message.handle, metric, step, value, timeMs);
          return;
        }
        case 'flush':
          return flushAll();
        case 'save':
          drain();
          for (const { loose } of attempts.values()) loose.addNewest();
          spooler?.flush();
          return ring.saved();
        case 'waiting': {
          const attempt = intake.find(message.handle);
          if (attempt) attempt.isWaitedFor = message.isWaiting;
          // Nobody else would open the stream by which the news comes.
          return nudge();
        }
        case 'end':
          return void end(message);
        case 'close':
          return void close(message.timeoutMs);
      }
    },
  };
}
