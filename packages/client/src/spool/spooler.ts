import type { Clock } from '@paramo/core';
import { SpoolRecord, spoolRecordOfEncoded } from '@paramo/protocol';
import type { CarriedAttempt } from '../carrier/carried-attempt.js';
import type { Warnings } from '../warning.js';
import type { AttemptEnd } from './attempt-end.js';
import { attemptName } from './spool-files.js';
import type { Spool, SpoolEntry } from './spool.js';

/** Brings what the attempts of a process have logged into its spool, and what is acked out of it. */
export interface Spooler {
  /** Where it lies; undefined while nothing can be written there. */
  readonly directory: string | undefined;
  /** Makes batches of what is loose and writes them. */
  flush(): void;
  /** Writes the batches that were made since; true when they are on disk. */
  write(): boolean;
  /** Writes an end, and all that comes before it; true when it is on disk. */
  end(attempt: CarriedAttempt, end: AttemptEnd): boolean;
  /** Frees the memory of what is on disk. */
  release(): void;
  /** Removes what is acked. */
  ack(): void;
  /** Removes all of an attempt. */
  settle(attempt: CarriedAttempt): void;
  read(attempt: string, sequence: number): ReturnType<Spool['read']>;
  close(): void;
}

/** What a spooler runs on. */
export interface SpoolerOptions {
  readonly spool: Spool;
  readonly clock: Clock;
  readonly warnings: Warnings;
  /** By `attemptName`. */
  readonly attempts: ReadonlyMap<string, CarriedAttempt>;
}

/** How long a disk that took nothing is left alone. */
const retryMs = 1000;
/** So many batches of an attempt stay in memory although they are on disk: what the stream is about to send, or has just sent. */
const heldBatches = 64;

/** A spooler that writes into `spool`. */
export function createSpooler({ spool, clock, warnings, attempts }: SpoolerOptions): Spooler {
  let retryAtMs = 0;

  const isResting = (): boolean => spool.trouble !== undefined && clock.monotonicMs() < retryAtMs;
  /** Past the quota less and less of what comes next is kept; below it all again. */
  const thin = (): void => {
    const { keepEvery } = spool;
    for (const attempt of attempts.values()) attempt.loose.keepEvery = keepEvery;
    if (keepEvery > 1) warnings.once('quota', `the spool ${spool.directory} has reached its quota: until the daemon is back fewer and fewer points of each metric are kept. Ends of trials and checkpoints are not affected`);
  };
  const write = (end?: SpoolEntry): boolean => {
    if (!end && isResting()) return false;
    const written: (() => void)[] = [];
    const entries: SpoolEntry[] = [];
    for (const [name, attempt] of attempts) {
      for (const { sequence, batch, dropped, written: note } of attempt.batches.unspooled()) {
        entries.push({ attempt: name, sequence, record: spoolRecordOfEncoded(batch, dropped) });
        written.push(note);
      }
    }
    if (end) entries.push(end);
    if (!spool.append(entries)) {
      retryAtMs = clock.monotonicMs() + retryMs;
      warnings.once('spool', `the spool ${spool.directory} cannot be written (${spool.trouble}): what is logged is kept in memory until the daemon has it, and lost if this process is killed`);
      return false;
    }
    for (const note of written) note();
    for (const attempt of attempts.values()) attempt.batches.release(heldBatches);
    thin();
    return true;
  };

  return {
    get directory() {
      return spool.trouble === undefined ? spool.directory : undefined;
    },
    flush() {
      // Else a long absence would leave nothing but small batches in memory.
      if (isResting()) return;
      // Steps alone are not worth a record while points are left out.
      for (const attempt of attempts.values()) if (!attempt.finishing && (attempt.loose.keepEvery === 1 || attempt.loose.points > 0)) attempt.cut();
      write();
    },
    write: () => write(),
    end: (attempt, end) => write({ attempt: attemptName(attempt), record: SpoolRecord.create({ kind: end, dropped: BigInt(attempt.loose.dropped) }) }),
    release() {
      for (const attempt of attempts.values()) attempt.batches.release(0);
    },
    ack() {
      for (const [name, attempt] of attempts) spool.ack(name, attempt.batches.acked);
      thin();
    },
    settle: (attempt) => spool.settle(attemptName(attempt)),
    read: (attempt, sequence) => spool.read(attempt, sequence),
    close: () => spool.close(),
  };
}
