import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Ended, Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeAll(() => (sandbox = createSandbox()));
afterAll(() => sandbox.close());

const json = (ended: Ended): unknown => JSON.parse(ended.stdout) as unknown;
const trialsOf = async (study: string): Promise<readonly Record<string, unknown>[]> => json(await sandbox.paramo('trials', study, '--json')) as readonly Record<string, unknown>[];
const studyNames = async (): Promise<readonly string[]> => (json(await sandbox.paramo('studies', '--json')) as readonly { spec: { name: string } }[]).map(({ spec }) => spec.name);
const read = (file: string): string => (existsSync(join(sandbox.directory, file)) ? readFileSync(join(sandbox.directory, file), 'utf8') : '');
/** The command of a program that may import `paramo`. */
const program = (name: string, source: string, ...args: string[]): string[] => {
  writeFileSync(join(sandbox.directory, `${name}.mjs`), source);
  return ['--', process.execPath, `${name}.mjs`, ...args];
};

test('what a program writes is kept, both streams in their order, and can be followed while it runs', async () => {
  const talk = "console.log('one'); console.error('two'); const { existsSync } = await import('node:fs'); while (!existsSync('go')) await new Promise((go) => setTimeout(go, 20)); console.log('three'); process.exit(3)";
  const running = sandbox.startParamo('run', '--name', 'talk', ...program('talk', talk));
  await running.line(/^one$/);
  const following = sandbox.startParamo('logs', 'talk', '0', '--follow');
  await following.line(/^two$/);
  writeFileSync(join(sandbox.directory, 'go'), '');
  expect((await running.ended).code).toBe(3);
  expect(await following.ended).toMatchObject({ code: 0, stdout: 'one\ntwo\nthree\n' });
  expect(await sandbox.paramo('logs', 'talk', '0', '--stderr')).toMatchObject({ code: 0, stdout: 'two\n' });
  expect(await sandbox.paramo('logs', 'talk', '0', '--attempt', '1', '--stdout')).toMatchObject({ code: 0, stdout: 'one\nthree\n' });
  expect(await sandbox.paramo('logs', 'talk', '1')).toMatchObject({ code: 3 });
});

test('track() in a program that is run reports to the trial it is run for, and opens none of its own', async () => {
  const tracked = `
    import { track } from 'paramo';
    const run = await track('a name of its own', { params: { lr: 7 } }, async (run) => {
      for await (const step of run.steps(4)) run.log({ loss: run.params.lr / (step + 1) });
      return { accuracy: 0.5 };
    });
    if (run.params.lr !== 0.5 || run.metrics.loss !== 0.125) throw new Error(JSON.stringify(run));
  `;
  const ended = await sandbox.paramo('run', '--name', 'tracked', '-p', 'lr=0.5', '--metric', 'loss', ...program('tracked', tracked));
  expect(ended, ended.stderr).toMatchObject({ code: 0, stdout: '' });
  expect(await trialsOf('tracked')).toMatchObject([{ state: 'completed', done: 4, metrics: { loss: 0.125, accuracy: 0.5 } }]);
  expect(await studyNames()).not.toContain('a name of its own');
});

test('tune() in a program that is tuned evaluates one trial, what is printed counts too, and the program alone may fail it', async () => {
  const tuned = `
    import { float, space, tune } from 'paramo';
    const best = await tune({ name: 'own', space: space({ lr: float(0, 1) }), objective: 'min val_loss' }, async (trial) => {
      if (trial.params.lr > 0.5) throw new Error('too large');
      for await (const step of trial.steps(3)) trial.log({ val_loss: trial.params.lr + 1 / (step + 1) });
      return trial.params.lr;
    });
    console.log(JSON.stringify({ printed: best.value, number: best.number }));
  `;
  const ended = await sandbox.paramo('run', '--name', 'tuned', '-p', 'lr=0..1', '-n', '6', '-j', '2', '--strategy', 'random', '--seed', '4', '--minimize', 'val_loss', '--metric', 'printed', '--json', ...program('tuned', tuned));
  expect(ended.code, ended.stderr).toBe(0);
  const { trials } = json(ended) as { trials: readonly { state: string; value?: number; params: { lr: number }; metrics: { printed?: number }; error?: { message: string } }[] };
  expect(trials).toHaveLength(6);
  expect(new Set(trials.map(({ state }) => state))).toEqual(new Set(['completed', 'failed']));
  for (const { state, params, value, metrics, error } of trials) {
    if (params.lr > 0.5) expect({ state, message: error?.message }).toEqual({ state: 'failed', message: expect.stringMatching(/exit code 1/) as string });
    else expect({ state, value, printed: metrics.printed }).toEqual({ state: 'completed', value: params.lr, printed: params.lr });
  }
  expect(await studyNames()).not.toContain('own');
  expect((await sandbox.paramo('replay', 'tuned')).code).toBe(0);
});

test('of several processes of a program one reports, and of the ranks of one training the first', async () => {
  const ranks = `
    import { spawn } from 'node:child_process';
    import { track } from 'paramo';
    const rank = process.argv[2];
    if (rank === undefined) {
      const started = ['1', '0', '2'].map((one) => new Promise((end) => spawn(process.execPath, ['ranks.mjs', one], { env: { ...process.env, RANK: one }, stdio: 'inherit' }).once('exit', end)));
      if ((await Promise.all(started)).some((code) => code !== 0)) process.exit(1);
    } else {
      await track('ranks', {}, async (run) => {
        run.log({ ['loss of ' + rank]: 1 });
        await run.checkpoint(() => { throw new Error('only the first rank saves'); }, { force: rank !== '0' });
      });
    }
  `;
  const ended = await sandbox.paramo('run', '--name', 'ranks', '--metric', 'loss of 0', ...program('ranks', ranks));
  expect(ended.code, ended.stderr).toBe(0);
  expect(await trialsOf('ranks')).toMatchObject([{ state: 'completed', metrics: { 'loss of 0': 1 } }]);
  expect(Object.keys((await trialsOf('ranks'))[0]!['metrics'] as object)).toEqual(['loss of 0']);
});

test('a program that is told to end saves its state, and goes on from there when it is run again', async () => {
  const saving = `
    import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
    import { join } from 'node:path';
    import { float, space, tune } from 'paramo';
    await tune({ name: 'own', space: space({ lr: float(0, 1) }), objective: 'min loss' }, async (trial) => {
      if (trial.resume) appendFileSync('resumed', trial.attempt + ' ' + trial.resume.step + ' ' + process.env.PARAMO_RESUME_STEP + ' ' + readFileSync(join(trial.resume.dir, 'step'), 'utf8'));
      for await (const step of trial.steps(trial.resume ? trial.resume.step + 3 : 1000)) {
        trial.log({ loss: 1 });
        await new Promise((go) => setTimeout(go, 20));
        if (step === 3) appendFileSync('started', 'x');
        await trial.checkpoint((dir) => writeFileSync(join(dir, 'step'), String(step)));
      }
    });
  `;
  const command = ['run', '--name', 'saving', '-p', 'lr=0..1', '-n', '1', '--minimize', 'loss', ...program('saving', saving)];
  const first = sandbox.startParamo(...command);
  await expect.poll(() => read('started'), { timeout: 20_000 }).toBe('x');
  first.kill('SIGINT');
  expect(await first.ended).toMatchObject({ code: 130 });
  const [waiting] = await trialsOf('saving');
  expect(waiting).toMatchObject({ state: 'waiting', attempt: 1 });
  const ended = await sandbox.paramo(...command);
  expect(ended.code, ended.stderr).toBe(0);
  const { done } = waiting!['checkpoint'] as { done: number };
  expect(read('resumed')).toBe(`2 ${done - 1} ${done - 1} ${done - 1}`);
  expect(await trialsOf('saving')).toMatchObject([{ state: 'completed', done: done + 2 }]);
});

test('a program without the SDK leaves its checkpoints in $PARAMO_CHECKPOINT_DIR, and finds the newest when it is run again', async () => {
  const script = `
    step=0
    if [ -n "$PARAMO_RESUME_DIR" ]; then step=$((PARAMO_RESUME_STEP + 1)); cat "$PARAMO_RESUME_DIR/state" > resumed-from; fi
    echo "loss=$step"
    mkdir "$PARAMO_CHECKPOINT_DIR/new"; echo "state $step" > "$PARAMO_CHECKPOINT_DIR/new/state"; mv "$PARAMO_CHECKPOINT_DIR/new" "$PARAMO_CHECKPOINT_DIR/$step"
    [ $step -gt 0 ] || { echo x > left; sleep 60; }
  `;
  const command = ['run', '--name', 'shell', '-p', 'lr=0..1', '-n', '1', '--minimize', 'loss', '--', 'bash', '-c', script, '{lr}'];
  const first = sandbox.startParamo(...command);
  await expect.poll(async () => read('left') !== '' && (await trialsOf('shell'))[0]?.['checkpoint'], { timeout: 20_000 }).toMatchObject({ done: 1 });
  first.kill('SIGINT');
  await first.ended;
  const ended = await sandbox.paramo(...command);
  expect(ended.code, ended.stderr).toBe(0);
  expect(read('resumed-from')).toBe('state 0\n');
  expect(await trialsOf('shell')).toMatchObject([{ state: 'completed', value: 1, checkpoint: { done: 2 } }]);
});

test('PARAMO_TRIAL that names no trial ends the program with what to do', async () => {
  const script = sandbox.script("import { track } from 'paramo'; await track('x', {}, () => undefined)", { PARAMO_TRIAL: 'nonsense' });
  expect(await script.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('PARAMO_TRIAL is "nonsense", which names no trial') as string });
});
