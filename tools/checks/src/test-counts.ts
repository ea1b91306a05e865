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

/** The line that a test run ends with. */
export function countsLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** A run is good if something ran and nothing failed. */
export function isGood({ passed, failed }: TestCounts): boolean {
  return failed === 0 && passed > 0;
}
