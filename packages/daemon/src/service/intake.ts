import { ParamoError, type Clock } from '@paramo/core';
import { defaultWriterLimits, type WriterLimits } from '../limits.js';

/** How fast points come in, from one writer and from all. */
export interface Intake {
  readonly limits: WriterLimits;
  /** Counts points of a writer. @throws ParamoError OVERLOADED, with the time to wait, for a writer that has sent too many of late; nothing is counted then. */
  charge(writer: string, points: number): void;
  /** Resolves once there is room for so many points under way to disk; to be followed by `leave`. First come, first served. */
  enter(points: number): Promise<void>;
  leave(points: number): void;
}

interface Bucket {
  /** What the writer may still send at once; below 0 after a batch that was larger than that. */
  points: number;
  atMs: number;
}

/** Above so many writers those that have all their points again are forgotten. */
const manyWriters = 1000;

/** Nothing has come in yet. */
export function createIntake(clock: Clock, given: Partial<WriterLimits> = {}): Intake {
  const limits = { ...defaultWriterLimits, ...given };
  const { pointsPerSecond, burstPoints, longestWaitMs, allPointsUnderWay } = limits;
  const buckets = new Map<string, Bucket>();
  const queue: { readonly points: number; go(): void }[] = [];
  let underWay = 0;

  function refill(bucket: Bucket): Bucket {
    const nowMs = clock.monotonicMs();
    bucket.points = Math.min(burstPoints, bucket.points + ((nowMs - bucket.atMs) / 1000) * pointsPerSecond);
    bucket.atMs = nowMs;
    return bucket;
  }

  function bucketOf(writer: string): Bucket {
    const known = buckets.get(writer);
    if (known) return refill(known);
    if (buckets.size >= manyWriters) {
      for (const [other, bucket] of buckets) if (refill(bucket).points >= burstPoints) buckets.delete(other);
    }
    const bucket = { points: burstPoints, atMs: clock.monotonicMs() };
    buckets.set(writer, bucket);
    return bucket;
  }

  return {
    limits,
    charge(writer, points) {
      if (points === 0) return;
      const bucket = bucketOf(writer);
      if (bucket.points <= 0) {
        const retryAfterMs = Math.min(longestWaitMs, Math.ceil(((points - bucket.points) / pointsPerSecond) * 1000));
        throw new ParamoError({
          code: 'OVERLOADED', message: `this process sends more than ${pointsPerSecond} points a second`,
          hint: `Send the batch again in ${retryAfterMs} ms, as the SDK does by itself; log at fewer steps to need no waiting.`, details: { retryAfterMs },
        });
      }
      bucket.points -= points;
    },
    async enter(points) {
      if (queue.length > 0 || (underWay > 0 && underWay + points > allPointsUnderWay)) await new Promise<void>((go) => queue.push({ points, go }));
      else underWay += points;
    },
    leave(points) {
      underWay -= points;
      for (let next = queue[0]; next && (underWay === 0 || underWay + next.points <= allPointsUnderWay); next = queue[0]) {
        queue.shift();
        underWay += next.points;
        next.go();
      }
    },
  };
}
