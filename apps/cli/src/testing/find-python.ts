import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { packageDirectory } from '../version.js';

let python: string | undefined;

/** The Python that has the pip package; undefined where there is none, which only outside CI is no failure. */
export function findPython(): string | undefined {
  if (python !== undefined) return python;
  const { status, stdout, stderr } = spawnSync('bash', [join(packageDirectory, '..', '..', 'tools', 'checks', 'python-env.sh'), 'package'], { encoding: 'utf8' });
  if (status !== 0 && process.env['CI']) throw new Error(stderr);
  return status === 0 ? (python = stdout.trim()) : undefined;
}
