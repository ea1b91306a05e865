/** How many tests of a run passed, failed and were skipped. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of vitest's JSON report that the counts are taken from. */
export interface TestReport {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** Counts a report. A test file that failed without a failed test in it, as one that cannot be loaded, counts as one failure. */
export function countTests(report: TestReport): TestCounts {
  const failed = report.testResults.map(({ status, assertionResults }) => {
    const inFile = assertionResults.filter((result) => result.status === 'failed').length;
    return status === 'failed' ? Math.max(1, inFile) : inFile;
  });
  return {
    passed: report.numPassedTests,
    failed: failed.reduce((sum, count) => sum + count, 0),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Counts pytest's report in the format of JUnit. An error outside a test, as in a fixture, counts as a failure. */
export function countPythonTests(report: string): TestCounts {
  const [suite = ''] = /<testsuite [^>]*>/.exec(report) ?? [];
  const count = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = count('failures') + count('errors');
  return { passed: Math.max(0, count('tests') - failed - count('skipped')), failed, skipped: count('skipped') };
}

/** The counts of several runs together. */
export function addCounts(...runs: readonly TestCounts[]): TestCounts {
  const sum = (count: (run: TestCounts) => number): number => runs.reduce((total, run) => total + count(run), 0);
  return { passed: sum(({ passed }) => passed), failed: sum(({ failed }) => failed), skipped: sum(({ skipped }) => skipped) };
}

/** The line that a test run ends with. */
export function countsLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** A run is good if something ran and nothing failed. */
export function isGood({ passed, failed }: TestCounts): boolean {
  return failed === 0 && passed > 0;
}
