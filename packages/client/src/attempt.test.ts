import { Verdict } from '@paramo/protocol';
import type { AttemptUpdate } from '@paramo/protocol';
import { expect, test } from 'vitest';
import { createAttempt } from './attempt.js';

const terms = { studyId: 's', trial: 3, attempt: 1, leaseMs: 30_000, held: true };
const news = (change: Partial<AttemptUpdate>): AttemptUpdate => ({ studyId: 's', trial: 3n, attempt: 1, ackedSequence: 0n, decidedDone: 0n, verdict: Verdict.VERDICT_CONTINUE, reason: '', grantedThrough: undefined, ...change });
const create = (change: object = {}) => createAttempt({ ...terms, ...change }, 1, () => undefined);

test('a verdict is not taken back by older news, except for a graver one', () => {
  const attempt = create();
  attempt.apply(news({ verdict: Verdict.VERDICT_PAUSE, reason: 'later' }));
  attempt.apply(news({}));
  expect(attempt.verdict).toBe('pause');
  attempt.apply(news({ verdict: Verdict.VERDICT_STOP, reason: 'worse' }));
  expect(attempt).toMatchObject({ verdict: 'stop', reason: 'worse' });
  attempt.apply(news({ verdict: Verdict.VERDICT_PAUSE }));
  expect(attempt.verdict).toBe('stop');
  attempt.end('no such trial');
  expect(attempt).toMatchObject({ verdict: 'stop', reason: 'worse' });
});

test('that it is over is no news to whoever is ending it; that another owns its trial is', () => {
  const attempt = create();
  attempt.finishing = true;
  attempt.apply(news({ verdict: Verdict.VERDICT_ENDED, reason: 'trial 3 is completed' }));
  expect(attempt.verdict).toBe('continue');
  attempt.apply(news({ verdict: Verdict.VERDICT_FENCED }));
  expect(attempt.verdict).toBe('fenced');
});

test('what is decided and granted never shrinks', () => {
  const attempt = create({ grantedThrough: 5 });
  attempt.apply(news({ decidedDone: 3n, grantedThrough: 10n }));
  attempt.apply(news({ decidedDone: 2n, grantedThrough: 7n }));
  expect([attempt.decidedDone, attempt.granted]).toEqual([3, 10]);
});
