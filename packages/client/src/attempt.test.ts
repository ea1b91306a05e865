import { Verdict } from '@paramo/protocol';
import type { AttemptUpdate } from '@paramo/protocol';
import { expect, test } from 'vitest';
import { createAttempt } from './attempt.js';

const terms = { studyId: 's', trial: 3, attempt: 1, leaseMs: 30_000, held: true };
const news = (change: Partial<AttemptUpdate>): AttemptUpdate => ({ studyId: 's', trial: 3n, attempt: 1, ackedSequence: 0n, decidedDone: 0n, verdict: Verdict.VERDICT_CONTINUE, reason: '', grantedThrough: undefined, ...change });

function filled(batches: number) {
  const attempt = createAttempt(terms, 0);
  for (let i = 0; i < batches; i++) {
    attempt.loose.add('loss', i, i / 2, 1000 + i);
    attempt.cut();
  }
  return attempt;
}

test('a batch carries the columns of its points', () => {
  const attempt = createAttempt(terms, 0);
  attempt.loose.add('loss', 0, 0.5, 1000);
  attempt.loose.add('acc', 0, Number.NaN, 1000);
  attempt.loose.add('loss', 1, 0.25, 1001);
  attempt.loose.add('loss', 1, 0.125, 1002);
  attempt.cut();
  expect(attempt.points).toBe(3);
  expect(attempt.batches.nextUnsent(1)).toMatchObject({
    studyId: 's', trial: 3n, attempt: 1, sequence: 1n,
    series: [{ name: 'loss', steps: [0n, 1n], values: [0.5, 0.125], timesMs: [1000n, 1002n] }, { name: 'acc', steps: [0n], values: [Number.NaN], timesMs: [1000n] }],
  });
});

test('batches go out once on a stream, and again on the next until they are acked', () => {
  const attempt = filled(3);
  const sent = (epoch: number): number[] => {
    const sequences: number[] = [];
    for (let batch = attempt.batches.nextUnsent(epoch); batch; batch = attempt.batches.nextUnsent(epoch)) sequences.push(Number(batch.sequence));
    return sequences;
  };
  expect([sent(1), sent(1)]).toEqual([[1, 2, 3], []]);
  attempt.apply(news({ ackedSequence: 2n }));
  expect(sent(2)).toEqual([3]);
  expect([attempt.points, attempt.batches.all().length]).toEqual([1, 1]);
});

test('steps without points travel too', () => {
  const attempt = createAttempt(terms, 0);
  attempt.markDone(4);
  expect(attempt.hasWork).toBe(true);
  attempt.cut();
  expect(attempt.batches.nextUnsent(1)).toMatchObject({ sequence: 1n, series: [], done: 4n });
  attempt.cut();
  expect(attempt.batches.nextUnsent(1)).toBeUndefined();
});

test('a refused batch goes out again without its points, so that its number is not missing', () => {
  const attempt = filled(2);
  attempt.batches.nextUnsent(1);
  attempt.batches.nextUnsent(1);
  attempt.refuse(1, 'bad name');
  expect(attempt.batches.nextUnsent(1)).toMatchObject({ sequence: 1n, series: [] });
  expect(attempt.points).toBe(1);
  attempt.refuse(1, 'no such trial');
  expect(attempt).toMatchObject({ verdict: 'ended', reason: 'no such trial', hasWork: false });
});

test('a verdict is not taken back by older news, except for a graver one', () => {
  const attempt = createAttempt(terms, 0);
  attempt.apply(news({ verdict: Verdict.VERDICT_PAUSE, reason: 'later' }));
  attempt.apply(news({}));
  expect(attempt.verdict).toBe('pause');
  attempt.apply(news({ verdict: Verdict.VERDICT_STOP, reason: 'worse' }));
  expect(attempt).toMatchObject({ verdict: 'stop', reason: 'worse' });
  attempt.apply(news({ verdict: Verdict.VERDICT_PAUSE }));
  expect(attempt.verdict).toBe('stop');
});

test('what is decided and granted never shrinks', () => {
  const attempt = createAttempt({ ...terms, grantedThrough: 5 }, 0);
  attempt.apply(news({ decidedDone: 3n, grantedThrough: 10n }));
  attempt.apply(news({ decidedDone: 2n, grantedThrough: 7n }));
  expect([attempt.decidedDone, attempt.granted]).toEqual([3, 10]);
});
