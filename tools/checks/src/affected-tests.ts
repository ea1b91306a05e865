// The last part of npm run check: the tests of the packages that the last commit or the uncommitted changes touch, and
// of all that depend on them; and those of the checks, which look at every file. Nx replays from its cache what was
// tested before with the same files. Tests that are named or marked slow are left to npm test.
import { spawnSync } from 'node:child_process';
import { command, repository } from './repository.js';

// Without the tests named x.slow.test.ts, see vitest.shared.ts.
const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', PARAMO_QUICK_TESTS: '1' };

/** What to compare with: the last commit's parent, so that a clean tree too has something to test; none in a first commit. */
function base(): string | undefined {
  const parent = spawnSync('git', ['rev-parse', '--verify', '--quiet', 'HEAD~1'], { cwd: repository, encoding: 'utf8' });
  return parent.status === 0 ? parent.stdout.trim() : undefined;
}

function affectedProjects(since: string): readonly string[] {
  const args = ['show', 'projects', '--affected', `--base=${since}`, '--withTarget=test', '--json'];
  const { status, stdout, stderr } = spawnSync(command('nx'), args, { cwd: repository, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`nx ${args.join(' ')} failed:\n${stderr}${stdout}`);
  return JSON.parse(stdout) as string[];
}

const since = base();
const projects = since === undefined ? [] : [`--projects=${[...new Set([...affectedProjects(since), '@paramo/checks'])].join(',')}`];
const nx = spawnSync(command('nx'), ['run-many', '--targets=test', ...projects, '--parallel=2', '--outputStyle=static'], {
  cwd: repository,
  env,
  stdio: ['ignore', 'inherit', 'inherit'],
});
process.exitCode = nx.status ?? 1;
