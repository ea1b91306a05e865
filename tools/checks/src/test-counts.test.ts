import { expect, test } from 'vitest';
import { addCounts, countPythonTests, countTests, countsLine, isGood } from './test-counts.js';

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

test('the report of pytest is counted too, and errors of fixtures are failures', () => {
  const suite = (attributes: string): string => `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" ${attributes} time="1.2"><testcase/></testsuite></testsuites>`;
  expect(countPythonTests(suite('errors="1" failures="2" skipped="3" tests="10"'))).toEqual({ passed: 4, failed: 3, skipped: 3 });
  expect(countPythonTests('')).toEqual({ passed: 0, failed: 0, skipped: 0 });
  expect(addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 4, failed: 3, skipped: 3 })).toEqual({ passed: 5, failed: 5, skipped: 6 });
});

test('a run in which nothing ran is not good', () => {
  expect(isGood({ passed: 0, failed: 0, skipped: 0 })).toBe(false);
  expect(isGood({ passed: 1, failed: 0, skipped: 0 })).toBe(true);
});
