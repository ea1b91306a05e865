import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const homeName = '.paramo';

/**
 * The home that belongs to `startDir`: `PARAMO_HOME` when set, else the nearest `.paramo/` from there upward, else
 * `.paramo` in `startDir` itself, which may not exist yet. An absolute path.
 */
export function findHome(startDir: string, env: Environment): string {
  if (env['PARAMO_HOME']) return resolve(startDir, env['PARAMO_HOME']);
  const start = resolve(startDir);
  return findUpward(start, homeName) ?? join(start, homeName);
}

/** The first of `DIR/relative`, DIR being `start` and the directories above it, that exists. */
export function findUpward(start: string, relative: string): string | undefined {
  for (let dir = resolve(start); ; dir = dirname(dir)) {
    const path = join(dir, relative);
    if (existsSync(path)) return path;
    if (dirname(dir) === dir) return undefined;
  }
}
