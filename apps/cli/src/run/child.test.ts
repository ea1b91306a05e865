import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startChild } from './child.js';

/** Whether a process runs; one that has ended and that nobody has waited for does not. */
const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

function start(script: string, options: { readonly timeoutMs?: number; readonly graceMs?: number } = {}): { readonly output: () => string; readonly child: ReturnType<typeof startChild> } {
  let output = '';
  const child = startChild({ command: ['bash', '-c', script], env: process.env, graceMs: 5000, ...options, onOutput: (_stream, bytes) => void (output += bytes.toString()) });
  return { output: () => output, child };
}

test('a program that ends by itself is told by its exit code, all it wrote read', async () => {
  const { child, output } = start('seq 1 20000; exit 3');
  expect(await (await child).ended).toEqual({ code: 3, timedOut: false });
  expect(output().split('\n')).toHaveLength(20_001);
});

test('what a program started ends with it, though it went on by itself', async () => {
  const { child, output } = start('sleep 600 & echo $!; exit 0');
  expect(await (await child).ended).toEqual({ code: 0, timedOut: false });
  await expect.poll(() => isAlive(Number(output()))).toBe(false);
});

test('a program that will not end is killed after its grace, and its children with it', async () => {
  const { child, output } = start('trap "" TERM; bash -c \'trap "" TERM; echo $$; while :; do sleep 0.05; done\' & while :; do sleep 0.05; done', { graceMs: 100 });
  const { ended, end } = await child;
  await expect.poll(output).toMatch(/\d+\n/);
  end();
  expect(await ended).toEqual({ signal: 'SIGKILL', timedOut: false });
  await expect.poll(() => isAlive(Number(output()))).toBe(false);
});

test('one that takes too long is ended and said to have', async () => {
  const { child } = start('sleep 600', { timeoutMs: 100 });
  expect(await (await child).ended).toEqual({ signal: 'SIGTERM', timedOut: true });
});

test('a program that does not exist is an error that says so', async () => {
  await expect(startChild({ command: ['no-such-program'], env: process.env, graceMs: 1, onOutput: () => undefined })).rejects.toThrow('no-such-program cannot be started: there is no such program');
});
