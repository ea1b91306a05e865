import { attemptName } from '../spool/spool-files.js';
import type { Spooler } from '../spool/spooler.js';
import type { Warnings } from '../warning.js';
import type { CarriedAttempt } from './carried-attempt.js';
import { progressMetric } from './point-ring.js';
import type { PointRingReader } from './point-ring.js';

/** Takes entries out of the ring and sorts them to their attempts, within bounded memory. */
export interface Intake {
  /** Points taken so far, and those given up again: of attempts that are over, or for want of memory. */
  readonly taken: number;
  readonly dropped: number;
  /** An attempt is carried from now on. */
  add(attempt: CarriedAttempt): void;
  /** It is carried no more. */
  remove(attempt: CarriedAttempt): void;
  find(handle: number): CarriedAttempt | undefined;
  /** Takes what is in the ring. False: there is more, or will be before long without a word. */
  drain(): boolean;
  /** Takes one entry; false: what it is about is still under way. */
  take(handle: number, metric: number, step: number, value: number, timeMs: number): boolean;
  /** Memory may have been freed. */
  count(): void;
}

/** What it runs on. */
export interface IntakeOptions {
  readonly ring: PointRingReader;
  readonly attempts: Map<string, CarriedAttempt>;
  readonly warnings: Warnings;
  /** The most points in memory. */
  readonly maxPoints: number;
  /** Where points are moved to when memory is full; absent: the oldest are dropped. */
  readonly spooler: Spooler | undefined;
}

/** Size of the largest batch; a message holds a few. */
const batchBytes = 128 * 1024;

/** With no attempt yet. It keeps `attempts`, those carried, by the name the daemon knows them by. */
export function createIntake({ ring, attempts, warnings, maxPoints, spooler }: IntakeOptions): Intake {
  const handles = new Map<number, CarriedAttempt>();
  let newestHandle = 0;
  let points = 0;
  let taken = 0;
  let dropped = 0;

  const count = (): void => {
    points = 0;
    for (const { loose, batches } of attempts.values()) points += loose.points + batches.heldPoints;
  };
  /** Frees memory when the daemon has been away for long: what is on disk too, else the oldest points of `attempt` go first, then anybody's. */
  const shed = (attempt: CarriedAttempt): void => {
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
  const take = (handle: number, metric: number, step: number, value: number, timeMs: number): boolean => {
    const attempt = handles.get(handle);
    // Ended since, or its message is still under way.
    if (!attempt) return handle <= newestHandle;
    if (metric === progressMetric) attempt.markDone(step);
    else {
      const name = attempt.metrics[metric];
      if (name === undefined) return false;
      taken++;
      if (attempt.loose.add(name, step, value, timeMs) && ++points > maxPoints) shed(attempt);
      if (attempt.loose.bytes >= batchBytes) attempt.cut();
    }
    attempt.taken++;
    return true;
  };

  return {
    get taken() {
      return taken;
    },
    get dropped() {
      return dropped;
    },
    add(attempt) {
      newestHandle = attempt.handle;
      handles.set(attempt.handle, attempt);
      attempts.set(attemptName(attempt), attempt);
    },
    remove(attempt) {
      const name = attemptName(attempt);
      handles.delete(attempt.handle);
      if (attempts.get(name) === attempt) attempts.delete(name);
      dropped += attempt.loose.dropped;
      count();
    },
    find: (handle) => handles.get(handle),
    drain() {
      const isThrough = ring.drain(take);
      return ring.listen() && isThrough;
    },
    take,
    count,
  };
}
