import { decodeBatch } from '@paramo/protocol';
import type { Batch, EncodedBatch } from '@paramo/protocol';
import { expect, test } from 'vitest';
import { carryAttempt } from './carried-attempt.js';

const terms = { studyId: 's', trial: 3, attempt: 1, leaseMs: 30_000, held: true };

const next = (attempt: ReturnType<typeof carryAttempt>, epoch: number): Batch | undefined => {
  const encoded = attempt.batches.nextUnsent(epoch);
  return encoded && decodeBatch(encoded);
};

function filled(batches: number) {
  const attempt = carryAttempt(terms, 1, 0);
  for (let i = 0; i < batches; i++) {
    attempt.loose.add('loss', i, i / 2, 1000 + i);
    attempt.cut();
  }
  return attempt;
}

test('a batch carries the columns of its points', () => {
  const attempt = carryAttempt(terms, 1, 0);
  attempt.loose.add('loss', 0, 0.5, 1000);
  attempt.loose.add('acc', 0, Number.NaN, 1000);
  attempt.loose.add('loss', 1, 0.25, 1001);
  attempt.loose.add('loss', 1, 0.125, 1002);
  attempt.cut();
  expect(attempt.points).toBe(3);
  expect(next(attempt, 1)).toMatchObject({
    studyId: 's', trial: 3n, attempt: 1, sequence: 1n,
    series: [{ name: 'loss', steps: [0n, 1n], values: [0.5, 0.125], timesMs: [1000n, 1002n] }, { name: 'acc', steps: [0n], values: [Number.NaN], timesMs: [1000n] }],
  });
});

test('batches go out once on a stream, and again on the next until they are acked', () => {
  const attempt = filled(3);
  const sent = (epoch: number): number[] => {
    const sequences: number[] = [];
    for (let batch = next(attempt, epoch); batch; batch = next(attempt, epoch)) sequences.push(Number(batch.sequence));
    return sequences;
  };
  expect([sent(1), sent(1)]).toEqual([[1, 2, 3], []]);
  attempt.ack(2);
  expect(sent(2)).toEqual([3]);
  expect([attempt.points, attempt.batches.all().length]).toEqual([1, 1]);
});

test('steps without points travel too', () => {
  const attempt = carryAttempt(terms, 1, 0);
  attempt.markDone(4);
  expect(attempt.hasWork).toBe(true);
  attempt.cut();
  expect(next(attempt, 1)).toMatchObject({ sequence: 1n, series: [], done: 4n });
  attempt.cut();
  expect(next(attempt, 1)).toBeUndefined();
});

test('a refused batch goes out again without its points, so that its number is not missing', () => {
  const attempt = filled(2);
  next(attempt, 1);
  next(attempt, 1);
  expect(attempt.refuse(1)).toBe(true);
  expect(next(attempt, 1)).toMatchObject({ sequence: 1n, series: [] });
  expect(attempt.points).toBe(1);
  expect(attempt.refuse(1)).toBe(false);
  expect(attempt.hasWork).toBe(false);
});

test('what is on disk alone goes out from there, in its place, once on each stream', () => {
  const onDisk = new Map<number, EncodedBatch>();
  const attempt = carryAttempt(terms, 1, 0, (sequence) => onDisk.get(sequence));
  const sent = (epoch: number, most = 99): number[] => {
    const sequences: number[] = [];
    for (let batch = next(attempt, epoch); batch; batch = sequences.length < most ? next(attempt, epoch) : undefined) sequences.push(Number(batch.sequence));
    return sequences;
  };
  for (let i = 0; i < 6; i++) {
    attempt.loose.add('loss', i, i, i);
    attempt.cut();
  }
  expect(sent(1, 2)).toEqual([1, 2]);
  for (const { sequence, batch, written } of attempt.batches.unspooled()) {
    onDisk.set(sequence, batch);
    written();
  }
  attempt.batches.release(2);
  expect([attempt.batches.heldPoints, attempt.points]).toEqual([2, 6]);
  expect(sent(1)).toEqual([3, 4, 5, 6]);
  expect(sent(2)).toEqual([1, 2, 3, 4, 5, 6]);
  attempt.ack(3);
  expect([sent(3), attempt.points]).toEqual([[4, 5, 6], 3]);
  // One that was damaged still has its number.
  onDisk.delete(4);
  expect(attempt.batches.all().map(({ sequence, series }) => [Number(sequence), series.length])).toEqual([[4, 0], [5, 1], [6, 1]]);
});
