// npm run lint: every linter, even where an earlier one failed, so that one run shows all there is to mend.
import { spawn } from 'node:child_process';
import { cruisedFolders } from './cruise.js';
import { houseRules } from './house-rules.js';
import { command, repository } from './repository.js';

interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly output: string;
}

function lint(name: string, tool: string, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command(tool), args, { cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.on('error', (error) => resolve({ name, passed: false, output: error.message }));
    child.on('close', (status) => resolve({ name, passed: status === 0, output }));
  });
}

function lintHouseRules(): Outcome {
  const findings = houseRules(repository);
  const output = findings.map(({ file, line, problem }) => `${file}:${line} ${problem}`).join('\n');
  return { name: 'house rules', passed: findings.length === 0, output };
}

const outcomes = await Promise.all([
  lint('code (eslint)', 'eslint', '.', '--max-warnings', '0'),
  lint('import arrows (dependency-cruiser)', 'depcruise', '--no-progress', ...cruisedFolders),
  lint('unused files, exports and dependencies (knip)', 'knip', '--no-progress'),
  lint('proto (buf)', 'buf', 'lint', 'proto'),
]);
outcomes.push(lintHouseRules());

for (const { name, passed, output } of outcomes) {
  console.log(`${passed ? 'ok  ' : 'FAIL'}  ${name}`);
  if (!passed) console.log(`${output.trim()}\n`);
}
process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1;
