import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSandbox } from './testing/sandbox.js';
import { packageDirectory } from './version.js';

const repository = join(packageDirectory, '..', '..');
const folder = join(repository, 'examples');
const examples = readdirSync(folder).filter((name) => name !== 'package.json');
const packages = ['@paramo/adapter-tfjs', '@paramo/core', '@paramo/strategy-pbt', '@tensorflow/tfjs', 'mnist'];

/** What runs an example: by the ending of its name, and for Python by what it imports. */
function interpreterOf(name: string): string {
  if (name.endsWith('.mjs')) return process.execPath;
  if (name.endsWith('.sh')) return '/bin/sh';
  const environment = readFileSync(join(folder, name), 'utf8').includes('import torch') ? 'torch' : 'package';
  const { status, stdout, stderr } = spawnSync('bash', [join(repository, 'tools', 'checks', 'python-env.sh'), environment], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

describe('the examples', () => {
  test.concurrent.each(examples)('%s runs, and runs again in the same home', { timeout: 300_000 }, async (name) => {
    const sandbox = createSandbox({ packages });
    try {
      copyFileSync(join(folder, name), join(sandbox.directory, name));
      for (let times = 1; times <= 2; times++) {
        const { code, stdout, stderr } = await sandbox.run(interpreterOf(name), [name]).ended;
        expect(`${code} ${code === 0 ? '' : stderr}`).toBe('0 ');
        expect(stdout).not.toBe('');
      }
    } finally {
      await sandbox.close();
    }
  });

  test('are short, and all in the gallery of the README', () => {
    const readme = readFileSync(join(repository, 'README.md'), 'utf8');
    expect(examples.filter((name) => readFileSync(join(folder, name), 'utf8').split('\n').length > 60)).toEqual([]);
    expect(examples.filter((name) => !readme.includes(`](examples/${name})`))).toEqual([]);
  });
});
