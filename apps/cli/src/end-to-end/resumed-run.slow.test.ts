import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.close());

const runs = async (): Promise<readonly Record<string, unknown>[]> => JSON.parse((await sandbox.paramo('trials', 'baseline', '--json')).stdout) as Record<string, unknown>[];

test('a tracked run goes on with what was noted about it, as its next attempt from its checkpoint', async () => {
  const run = (options: string, body: string): ReturnType<Sandbox['script']> => sandbox.script(`
import { readFile, writeFile } from 'node:fs/promises';
import { track } from 'paramo';
await track('baseline', ${options}, async (run) => {
${body}
});
`);
  const first = run("{ params: { lr: 0.1 }, tags: ['long', 'one'], note: 'a try', group: 'g' }", "for await (const epoch of run.steps(4)) { run.log({ loss: epoch }); if (epoch === 2) await run.checkpoint((dir) => writeFile(dir + '/state', 'three'), { force: true }); if (epoch === 3) throw new Error('out of memory'); }");
  expect((await first.ended).code).toBe(1);
  expect(await runs()).toMatchObject([{ state: 'failed', attributes: { tags: ['long', 'one'], note: 'a try', group: 'g' } }]);

  expect((await run("{ params: { lr: 0.2 }, resume: 0 }", '').ended).stderr).toContain('INVALID_PARAMS: run 0 has lr 0.1, and this one asks for 0.2');
  const second = run("{ params: { lr: 0.1 }, resume: 0, note: 'went on' }", "console.log(run.attempt, run.params.lr, run.resume.step, await readFile(run.resume.dir + '/state', 'utf8')); for await (const epoch of run.steps(5)) run.log({ loss: 10 * epoch });");
  expect(await second.ended).toMatchObject({ code: 0, stdout: '2 0.1 2 three\n', stderr: '' });
  expect(await runs()).toMatchObject([{ state: 'completed', attempt: 2, done: 5, metrics: { loss: 40 }, reason: '', attributes: { tags: ['long', 'one'], note: 'went on', group: 'g' } }]);
  const shown = JSON.parse((await sandbox.paramo('show', 'baseline', '0', '--json')).stdout) as { series: { name: string; values: number[] }[]; attempts: object[] };
  expect(shown.series.find(({ name }) => name === 'loss')!.values).toEqual([0, 1, 2, 30, 40]);
  expect(shown.attempts).toMatchObject([{ attempt: 1, from: 0, end: 'failed', reason: 'out of memory' }, { attempt: 2, from: 3, end: 'completed' }]);

  expect(await sandbox.paramo('note', 'baseline', '0', 'done', '--tag', 'best of all', '--untag', 'one', '--group', '')).toMatchObject({ code: 0 });
  const [titles, row] = (await sandbox.paramo('trials', 'baseline', '--filter', "tags = 'best of all' and note = done")).stdout.split('\n').map((line) => line.split('\t'));
  expect(Object.fromEntries(titles!.map((title, index) => [title, row![index]]))).toMatchObject({ tags: 'long "best of all"', note: 'done' });
  expect(titles).not.toContain('group');

  const busy = run('{ resume: 0 }', "console.log('runs'); await new Promise((resolve) => setTimeout(resolve, 60_000));");
  await busy.line(/^runs$/);
  const refused = await sandbox.paramo('run', '--name', 'baseline', '--resume', '0', '--', process.execPath, '-e', '0');
  expect(refused).toMatchObject({ code: 5 });
  expect(refused.stderr).toContain(`trial 0 runs already, as attempt 3 in process ${busy.pid} on`);
});
