// The last part of npm run check: the tests of the packages that the last commit or the uncommitted changes touch, and
// of all that depend on them. Nx replays from its cache what was tested before with the same files.
import { spawnSync } from 'node:child_process';
import { command, repository } from './repository.js';

const parent = spawnSync('git', ['rev-parse', '--verify', '--quiet', 'HEAD~1'], { cwd: repository, encoding: 'utf8' });
const which = parent.status === 0 ? ['affected', `--base=${parent.stdout.trim()}`] : ['run-many'];

const nx = spawnSync(command('nx'), [...which, '--targets=test', '--parallel=1', '--outputStyle=static'], {
  cwd: repository,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
});
process.exitCode = nx.status ?? 1;
