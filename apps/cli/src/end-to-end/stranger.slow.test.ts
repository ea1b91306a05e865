import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Sandbox } from '../testing/sandbox.js';
import { packageDirectory } from '../version.js';

const repository = join(packageDirectory, '..', '..');
const run = promisify(execFile);

let sandbox: Sandbox | undefined;
afterEach(() => sandbox?.close());

/** A Python with stock gRPC packages, or why there is none. */
async function findPython(): Promise<{ readonly python: string } | { readonly missing: string }> {
  try {
    const { stdout } = await run('bash', [join(repository, 'tools', 'checks', 'python-env.sh')]);
    return { python: stdout.trim() };
  } catch (error) {
    return { missing: (error as { stderr?: string }).stderr || String(error) };
  }
}

test('a stranger with only the .proto files and a stock gRPC client asks, reports and completes trials', { timeout: 180_000 }, async (context) => {
  const found = await findPython();
  if ('missing' in found) {
    if (process.env['CI']) throw new Error(found.missing);
    return context.skip(found.missing);
  }
  sandbox = createSandbox();
  const generated = join(sandbox.directory, 'generated');
  mkdirSync(generated);
  const protos = readdirSync(join(repository, 'proto', 'paramo', 'v1')).filter((name) => name.endsWith('.proto')).map((name) => `paramo/v1/${name}`);
  await run(found.python, ['-m', 'grpc_tools.protoc', '-I', join(repository, 'proto'), `--python_out=${generated}`, `--grpc_python_out=${generated}`, ...protos]);
  copyFileSync(join(packageDirectory, 'src', 'end-to-end', 'stranger.py'), join(sandbox.directory, 'stranger.py'));

  await sandbox.paramo('up');
  const { address, socket = '', token } = sandbox.daemon();
  const stranger = await sandbox.run(found.python, ['stranger.py', address, socket, token], { PYTHONPATH: generated }).ended;
  expect(stranger).toMatchObject({ code: 0, stderr: '' });
  const [services, done] = stranger.stdout.split('\n');
  for (const name of ['StudyService', 'TrialService', 'MetricService', 'PluginService', 'ServerService']) expect(services).toContain(`paramo.v1.${name}`);
  expect(services).toContain('grpc.health.v1.Health');
  expect(done).toMatch(/^done [0-9A-Z]{26}$/);

  const trials = JSON.parse((await sandbox.paramo('trials', 'stranger', '--json')).stdout) as object[];
  expect(trials).toMatchObject([{ state: 'completed', value: 1 / 3, worker: { host: 'elsewhere' } }, { state: 'completed', value: 0.125 }, { state: 'failed', error: { message: 'out of memory' } }]);
  expect(await sandbox.paramo('replay', 'stranger')).toMatchObject({ code: 0 });
});
