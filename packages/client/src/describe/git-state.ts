import { createHash } from 'node:crypto';
import type { Clock } from '@paramo/core';
import { askProgram } from './ask-program.js';
import type { ProgramAnswer } from './ask-program.js';
import { redactText } from './redact.js';
import type { GitDescription } from './run-description.js';

/** The state of a repository, and how its files differ from the commit. */
export interface GitState {
  readonly description: GitDescription;
  /** As `git diff` writes it, cut at 1 MiB; absent: they do not differ, or git took too long. */
  readonly changes?: Buffer;
}

/** How long git is waited for, in all. */
const timeoutMs = 2000;
const mostChangesBytes = 1024 * 1024;
const mostAnswerBytes = 64 * 1024;

/** The state of the repository that a directory lies in; undefined where there is none, no commit yet, or no git. */
export async function readGit(directory: string, clock: Clock): Promise<GitState | undefined> {
  const begunMs = clock.monotonicMs();
  const ask = (mostBytes: number, ...args: string[]): Promise<ProgramAnswer | undefined> =>
    // Git takes no lock for it, and starts none of the programs that a repository may name.
    askProgram('git', ['--no-optional-locks', '-c', 'core.fsmonitor=false', ...args], { directory, timeoutMs: Math.max(1, Math.ceil(timeoutMs - (clock.monotonicMs() - begunMs))), mostBytes });
  const line = async (...args: string[]): Promise<string> => (await ask(mostAnswerBytes, ...args))?.output.toString().trim() ?? '';

  const [commit, branch, remote, diff] = await Promise.all([
    line('rev-parse', '--verify', 'HEAD'),
    line('symbolic-ref', '--short', '-q', 'HEAD'),
    line('config', '--get', 'remote.origin.url'),
    ask(mostChangesBytes, 'diff', 'HEAD', '--no-ext-diff', '--no-textconv', '--no-color', '--src-prefix=a/', '--dst-prefix=b/'),
  ]);
  if (commit === '') return undefined;
  const changes = diff && diff.output.length > 0 ? diff.output : undefined;
  return {
    description: {
      commit,
      ...(branch !== '' && { branch }),
      ...(remote !== '' && { remote: redactText(remote) }),
      dirty: changes !== undefined,
      ...(changes && { changes: { sha256: createHash('sha256').update(changes).digest('hex'), bytes: changes.length, cut: diff!.cut } }),
    },
    ...(changes && { changes }),
  };
}
