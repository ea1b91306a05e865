// The tests of the pip package. As a program (npm run check): without those marked slow, and nothing but their outcome.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repository } from './repository.js';
import { countPythonTests, isGood } from './test-counts.js';
import type { TestCounts } from './test-counts.js';

const packageFolder = join(repository, 'packages', 'adapter-python');

/** An environment of the pip package as `python-env.sh` names it, and the folder of the tests that run in it. */
export interface PythonSuite {
  readonly environment: 'package' | 'torch' | 'frameworks';
  readonly tests: string;
}

/** What `npm test` runs. */
export const pythonSuites: readonly PythonSuite[] = [
  { environment: 'package', tests: 'tests' },
  { environment: 'torch', tests: 'tests/with_torch' },
];

/** The Python of an environment, made when missing; or undefined, and why was said on stderr. */
export function pythonEnvironment({ environment }: PythonSuite): string | undefined {
  const { status, stdout } = spawnSync('bash', [join(repository, 'tools', 'checks', 'python-env.sh'), environment], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return status === 0 ? stdout.trim() : undefined;
}

/** Runs the Python tests of a suite. Where there is no Python for them that is said loudly and counts as skipped; under CI it is a failure. */
export function pythonTests({ environment, tests }: PythonSuite, python: string | undefined, options: readonly string[] = []): TestCounts {
  if (python === undefined) {
    const failed = process.env['CI'] === 'true' ? 1 : 0;
    console.log(`\n!!! THE PYTHON TESTS IN ${tests} WERE ${failed ? 'NOT RUN, WHICH IS A FAILURE HERE' : 'SKIPPED'}: the packages they need cannot be had, see above. !!!\n`);
    return { passed: 0, failed, skipped: 1 - failed };
  }
  const reportFile = join(repository, 'test-results', `pytest-${environment}.xml`);
  rmSync(reportFile, { force: true });
  const { status } = spawnSync(python, ['-m', 'pytest', tests, `--junitxml=${reportFile}`, ...options], { cwd: packageFolder, stdio: ['ignore', 'inherit', 'inherit'] });
  const counts = countPythonTests(readFileSync(reportFile, 'utf8'));
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const suite: PythonSuite = { environment: 'package', tests: 'tests' };
  const counts = pythonTests(suite, pythonEnvironment(suite), ['-m', 'not slow']);
  process.exitCode = isGood(counts) || (counts.failed === 0 && counts.skipped > 0) ? 0 : 1;
}
