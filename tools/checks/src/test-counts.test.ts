import { expect, test } from 'vitest';
import { countTests, countsLine, isGood } from './test-counts.js';

const file = (status: string, ...results: string[]) => ({ status, assertionResults: results.map((result) => ({ status: result })) });

test('the line carries the counts of the report', () => {
  const counts = countTests({
    numPassedTests: 3,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed', 'failed')],
  });
  expect(countsLine(counts)).toBe('3 passed, 2 failed, 2 skipped');
  expect(isGood(counts)).toBe(false);
});

test('a test file that cannot be loaded counts as one failure', () => {
  const counts = countTests({ numPassedTests: 5, numPendingTests: 0, numTodoTests: 0, testResults: [file('failed')] });
  expect(counts).toEqual({ passed: 5, failed: 1, skipped: 0 });
});

test('a run in which nothing ran is not good', () => {
  expect(isGood({ passed: 0, failed: 0, skipped: 0 })).toBe(false);
  expect(isGood({ passed: 1, failed: 0, skipped: 0 })).toBe(true);
});
