// npm test: all tests of the workspace, TypeScript's in one vitest run, then Python's. Ends with one plain line of the real
// counts. Arguments choose among the former, and leave the latter out.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pythonEnvironment, pythonSuites, pythonTests } from './python-tests.js';
import { command, repository } from './repository.js';
import { addCounts, countTests, countsLine, isGood } from './test-counts.js';
import type { TestReport } from './test-counts.js';

const reportFile = join(repository, 'test-results', 'vitest.json');
rmSync(reportFile, { force: true });
const choice = process.argv.slice(2);

// First, since some of the TypeScript tests run Python programs and should not wait for packages.
const pythons = choice.length === 0 ? pythonSuites.map((suite) => ({ suite, python: pythonEnvironment(suite) })) : [];

const vitest = spawnSync(
  command('vitest'),
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`, ...choice],
  { cwd: repository, stdio: ['ignore', 'inherit', 'inherit'] },
);
const own = countTests(JSON.parse(readFileSync(reportFile, 'utf8')) as TestReport);
if (vitest.status !== 0 && own.failed === 0) console.log(`vitest ended with ${vitest.signal ?? vitest.status} though no test failed: see above.`);

const counts = addCounts(own, ...pythons.map(({ suite, python }) => pythonTests(suite, python)));
console.log(countsLine(counts));
process.exitCode = isGood(counts) && vitest.status === 0 ? 0 : 1;
