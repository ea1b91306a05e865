import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, findStudy, readDaemonFile } from '@paramo/client';
import type { StudyTrial } from '@paramo/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../dist/demo/main.js', import.meta.url));
let directory: string;
let home: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'paramo-demo-'));
  home = join(directory, '.paramo');
});
afterEach(async () => {
  await killDaemon();
  await rm(directory, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

function startDemo(...args: string[]): Run {
  const { PARAMO_ADDRESS: _, PARAMO_TOKEN: __, ...env } = process.env;
  const child = spawn(process.execPath, [program, ...args], { cwd: directory, env: { ...env, PARAMO_HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  return { child, stderr: () => stderr, ended };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function killDaemon(): Promise<void> {
  const daemon = await readDaemonFile(home);
  if (!daemon) return;
  try {
    process.kill(daemon.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** The plugin is not among those of `paramo`: it is found as a dependency of the project the home lies in. */
async function installPbt(): Promise<void> {
  const modules = join(directory, 'node_modules', '@paramo');
  await mkdir(modules, { recursive: true });
  await symlink(fileURLToPath(new URL('../../../../packages/strategy-pbt', import.meta.url)), join(modules, 'strategy-pbt'));
  await writeFile(join(directory, 'package.json'), JSON.stringify({ dependencies: { '@paramo/strategy-pbt': '*' } }));
}

async function readTrials(study: string): Promise<readonly StudyTrial[]> {
  const connection = await connect({ home });
  try {
    return await (await findStudy(study, { connection })).trials();
  } finally {
    await connection.close();
  }
}

describe('the demo', () => {
  test('tunes from nothing and prints one JSON document, then begins anew', { timeout: 40_000 }, async () => {
    const { code, stdout, stderr } = await startDemo('--quick', '--trials', '3', '--json').ended;
    expect(stderr).toContain('Look again:\n  npx paramo watch digits-bayes-quick');
    expect(code).toBe(0);
    const share: unknown = expect.closeTo(0.5, 0);
    expect(JSON.parse(stdout)).toEqual({
      study: 'digits-bayes-quick',
      strategy: 'bayes',
      trainer: 'tfjs',
      trials: 3,
      best: {
        value: share,
        params: { lr: expect.any(Number) as number, optimizer: expect.any(String) as string, units: expect.any(Number) as number, layers: expect.any(Number) as number, dropout: expect.any(Number) as number, batch: expect.any(Number) as number },
      },
      default: { value: share },
      seconds: expect.any(Number) as number,
    });
    const [first] = await readTrials('digits-bayes-quick');
    expect(first).toMatchObject({ number: 0, because: { kind: 'default' }, params: { lr: 1e-3, optimizer: 'adam', units: 100, layers: 1, dropout: 0, batch: 200 } });

    const again = await startDemo('--quick', '--trials', '2').ended;
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('best val_acc so far');
    expect(stderr).toMatch(/what mattered +correlation +by rank with val_acc after 1 epoch, over 3 trials/);
    expect(await readTrials('digits-bayes-quick')).toHaveLength(2);
    expect((await readTrials('digits-final-quick')).map(({ state }) => state)).toEqual(['completed', 'completed', 'completed', 'completed']);
  });

  test('killed with its daemon in the middle, it goes on with the same command and misses nothing', { timeout: 60_000 }, async () => {
    const args = ['--quick', '--trials', '7', '--json'];
    const killed = startDemo(...args);
    await until(() => /^trial 2 (completed|stopped)/m.test(killed.stderr()));
    await killDaemon();
    killed.child.kill('SIGKILL');
    const { stderr } = await killed.ended;
    const acked = [...stderr.matchAll(/^trial (\d+) (?:completed|stopped) after \d epochs, ([\d.]+) %/gm)].map(([, number, percent]) => ({ number: Number(number), percent }));
    expect(acked.length).toBeGreaterThanOrEqual(3);

    const { code, stdout, stderr: second } = await startDemo(...args).ended;
    expect(second).toMatch(/Going on with digits-bayes-quick, where \d trials are done/);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ study: 'digits-bayes-quick', trials: 7 });
    const trials = await readTrials('digits-bayes-quick');
    expect(trials.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(trials.every(({ state }) => state === 'completed' || state === 'stopped')).toBe(true);
    for (const { number, percent } of acked) expect((100 * trials[number]!.value!).toFixed(1)).toBe(percent);
  });

  test('goes on by itself when only the daemon is killed', { timeout: 40_000 }, async () => {
    const demo = startDemo('--quick', '--trials', '4', '--json');
    await until(() => /^trial 1 (completed|stopped)/m.test(demo.stderr()));
    await killDaemon();
    const { code, stdout } = await demo.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ trials: 4 });
    expect((await readTrials('digits-bayes-quick')).map(({ number, attempt }) => [number, attempt])).toEqual([[0, 1], [1, 1], [2, 1], [3, 1]]);
  });

  test('interrupted, it gives its trial back and goes on later', { timeout: 40_000 }, async () => {
    const demo = startDemo('--quick', '--trials', '4');
    await until(() => /^trial 1 (completed|stopped)/m.test(demo.stderr()));
    demo.child.kill('SIGINT');
    expect((await demo.ended).code).toBe(130);
    expect((await startDemo('--quick', '--trials', '4').ended).code).toBe(0);
    expect((await readTrials('digits-bayes-quick')).map(({ number }) => number)).toEqual([0, 1, 2, 3]);
  });

  test('searches a grid, after the defaults', { timeout: 40_000 }, async () => {
    const { code, stdout } = await startDemo('--quick', '--trials', '2', '--strategy', 'grid', '--json').ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ study: 'digits-grid-quick', strategy: 'grid', trials: 2 });
    const trials = await readTrials('digits-grid-quick');
    expect(trials.some(({ params }) => params['units'] === 100 && params['lr'] === 1e-3)).toBe(true);
  });

  test('trains a population whose members go on from the checkpoints of others, and shows the lineage of the best', { timeout: 60_000 }, async () => {
    await installPbt();
    const { code, stdout, stderr } = await startDemo('--quick', '--strategy', 'pbt').ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/4 trials completed, [1-9]\d* replaced/);
    const trials = await readTrials('digits-pbt-quick');
    const best = trials[Number(/best \(trial (\d+)\)/.exec(stdout)![1])]!;
    expect(stdout.includes('lineage  from epoch  params')).toBe(best.from !== undefined);
    const children = trials.filter(({ from }) => from !== undefined);
    expect(children.length).toBeGreaterThan(0);
    for (const { params, from } of children) for (const name of ['units', 'layers', 'optimizer']) expect(params[name]).toBe(trials[from!.trial]!.params[name]);
    expect(trials.filter(({ state, done }) => state === 'completed' && done === 4)).toHaveLength(4);
  });

  test.each(['bayes', 'pbt'])('trains networks of scikit-learn in Python, which report to the same daemon, with %s', { timeout: 240_000 }, async (strategy) => {
    await installPbt();
    const { code, stdout, stderr } = await startDemo('--quick', '--trainer', 'python', '--strategy', strategy, '--json').ended;
    if (stderr.includes('the Python environment could not be made') && process.env['CI'] !== 'true') return void process.stderr.write('\n!!! THE DEMO IN PYTHON WAS NOT TESTED: its packages cannot be had. !!!\n');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ study: `digits-${strategy}-python-quick`, trainer: 'python', best: { value: expect.any(Number) as number }, default: { value: expect.any(Number) as number } });
    expect(stderr).toContain('scikit-learn in Python');
    const trials = await readTrials(`digits-${strategy}-python-quick`);
    expect(trials[0]).toMatchObject({ because: { kind: 'default' }, params: { lr: 1e-3, solver: 'adam', units: 100, alpha: 1e-4, batch: 200 } });
    if (strategy === 'pbt') expect(trials.some(({ from }) => from !== undefined)).toBe(true);
    expect((await readTrials('digits-final-python-quick')).map(({ state }) => state)).toEqual(['completed', 'completed']);
  });

  test('says how to install a strategy that is not', { timeout: 20_000 }, async () => {
    const { code, stderr } = await startDemo('--quick', '--strategy', 'pbt').ended;
    expect(stderr).toMatch(/PLUGIN_NOT_INSTALLED.*npm install @paramo\/strategy-pbt/s);
    expect(code).toBe(3);
  });

  test('names the near miss of a strategy it does not know', { timeout: 20_000 }, async () => {
    const { code, stdout, stderr } = await startDemo('--strategy', 'gird').ended;
    expect(stderr).toMatch(/UNKNOWN_PLUGIN.*gird.*grid/s);
    expect(stdout).toBe('');
    expect(code).toBe(3);
  });

  test('refuses arguments it cannot use', { timeout: 20_000 }, async () => {
    const { code, stdout, stderr } = await startDemo('--trials', 'many').ended;
    expect(stderr).toContain('Give a whole number from 1.');
    expect([code, stdout]).toEqual([2, '']);
  });
});
