// The tests of the pip package. As a program (npm run check): without those marked slow, and nothing but their outcome.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repository } from './repository.js';
import { countPythonTests, isGood } from './test-counts.js';
import type { TestCounts } from './test-counts.js';

const packageFolder = join(repository, 'packages', 'adapter-python');
const reportFile = join(repository, 'test-results', 'pytest.xml');

/** The Python that has the package and what its tests need, made when missing; or undefined, and why was said on stderr. */
export function pythonEnvironment(): string | undefined {
  const { status, stdout } = spawnSync('bash', [join(repository, 'tools', 'checks', 'python-env.sh'), 'package'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return status === 0 ? stdout.trim() : undefined;
}

/** Runs the Python tests. Where there is no Python for them that is said loudly and counts as skipped; under CI it is a failure. */
export function pythonTests(python: string | undefined, options: readonly string[] = []): TestCounts {
  if (python === undefined) {
    const failed = process.env['CI'] === 'true' ? 1 : 0;
    console.log(`\n!!! THE PYTHON PART WAS ${failed ? 'NOT TESTED, WHICH IS A FAILURE HERE' : 'SKIPPED'}: its packages cannot be had, see above. !!!\n`);
    return { passed: 0, failed, skipped: 1 - failed };
  }
  rmSync(reportFile, { force: true });
  const { status } = spawnSync(python, ['-m', 'pytest', `--junitxml=${reportFile}`, ...options], { cwd: packageFolder, stdio: ['ignore', 'inherit', 'inherit'] });
  const counts = countPythonTests(readFileSync(reportFile, 'utf8'));
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const counts = pythonTests(pythonEnvironment(), ['-m', 'not slow']);
  process.exitCode = isGood(counts) || (counts.failed === 0 && counts.skipped > 0) ? 0 : 1;
}
