import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { findUpward } from './home.js';
import type { Environment } from './home.js';

/** A program and its first arguments. */
export interface DaemonCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * The `paramo` program: `PARAMO_BIN`, else the nearest `node_modules/.bin/paramo` from `startDir` upward, else the first
 * on the path. Undefined when there is none. A JavaScript file is run by the Node of this process.
 */
export function findDaemonBinary(startDir: string, env: Environment): DaemonCommand | undefined {
  if (env['PARAMO_BIN']) return command(resolve(startDir, env['PARAMO_BIN']));
  const installed = findUpward(startDir, join('node_modules', '.bin', 'paramo'));
  if (installed) return command(installed);
  for (const dir of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(dir, 'paramo');
    if (dir !== '' && isExecutable(path)) return command(path);
  }
  return undefined;
}

function command(path: string): DaemonCommand {
  let real = path;
  try {
    real = realpathSync(path);
  } catch {
    // Starting it will say what is wrong with it.
  }
  return /\.[cm]?js$/.test(real) ? { file: process.execPath, args: [real] } : { file: path, args: [] };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
