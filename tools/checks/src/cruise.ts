import { spawnSync } from 'node:child_process';
import { command } from './repository.js';

/** One import that breaks a rule of `.dependency-cruiser.cjs`. */
export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** The folders whose imports are checked, relative to the root of a workspace. */
export const cruisedFolders: readonly string[] = ['packages/*/src', 'apps/*/src', 'tools/*/src'];

/** Checks every import below `root` against the rules in `root`, as the lint does; `status` is its exit status. */
export function cruise(root: string): { readonly status: number | null; readonly violations: readonly Violation[] } {
  const { status, stdout } = spawnSync(command('depcruise'), ['--no-progress', ...cruisedFolders], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' }, // plain text, whatever the terminal
  });
  const lines = stdout.matchAll(/^ +error (\S+): (\S+)(?: → (\S+))?/gm);
  return { status, violations: Array.from(lines, ([, rule = '', from = '', to = '']) => ({ rule, from, to })) };
}
