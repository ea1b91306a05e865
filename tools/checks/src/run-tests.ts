// npm test: all tests of the workspace in one vitest run. Ends with one plain line of the real counts.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { command, repository } from './repository.js';
import { countTests, countsLine, isGood } from './test-counts.js';
import type { TestReport } from './test-counts.js';

const reportFile = join(repository, 'test-results', 'vitest.json');
rmSync(reportFile, { force: true });

const vitest = spawnSync(
  command('vitest'),
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`, ...process.argv.slice(2)],
  { cwd: repository, stdio: ['ignore', 'inherit', 'inherit'] },
);

const counts = countTests(JSON.parse(readFileSync(reportFile, 'utf8')) as TestReport);
const good = isGood(counts) && vitest.status === 0;
if (vitest.status !== 0 && counts.failed === 0) console.log(`vitest ended with ${vitest.signal ?? vitest.status} though no test failed: see above.`);
console.log(countsLine(counts));
process.exitCode = good ? 0 : 1;
