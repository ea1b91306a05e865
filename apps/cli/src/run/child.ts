import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { ParamoError } from '@paramo/core';

/** A program to run. */
export interface ChildOptions {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Called with what it writes, as it comes. A promise: no more is read of that stream until it resolves. */
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Buffer) => Promise<void> | undefined;
  /** Ends it when it takes longer; absent: it may take any time. */
  readonly timeoutMs?: number;
  /** How long it has after SIGTERM before SIGKILL. */
  readonly graceMs: number;
}

/** How a program ended. */
export interface ChildEnd {
  /** Its exit code; absent when a signal ended it. */
  readonly code?: number;
  readonly signal?: NodeJS.Signals;
  readonly timedOut: boolean;
}

/** A program at work, with all that it started: they are one process group. */
export interface Child {
  readonly pid: number;
  /** Resolves when it has ended, all it wrote was read, and nothing of its group is left. */
  readonly ended: Promise<ChildEnd>;
  /** Asks the group to end, and kills it after the grace. */
  end(): void;
}

/** What the group left behind gets of the grace once the program itself has ended. */
const leftoverMs = 1000;

/** Groups at work: whatever ends this process ends them too, as far as it can still act. */
const groups = new Set<number>();
let watching = false;

/** Starts a program in a process group of its own. @throws ParamoError INVALID_ARGUMENT when there is no such program. */
export async function startChild({ command, env, onOutput, timeoutMs, graceMs }: ChildOptions): Promise<Child> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause: NodeJS.ErrnoException) => reject(cannotStart(file, cause)));
  });
  const pid = child.pid!;
  groups.add(pid);
  if (!watching) process.on('exit', () => groups.forEach((group) => signalGroup(group, 'SIGKILL')));
  watching = true;
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name];
    stream.on('data', (bytes: Buffer) => {
      const room = onOutput(name, bytes);
      if (room) stream.pause();
      void room?.then(() => stream.resume());
    });
  }

  let timedOut = false;
  let killer: NodeJS.Timeout | undefined;
  const end = (withinMs = graceMs): void => {
    if (killer) return;
    signalGroup(pid, 'SIGTERM');
    killer = setTimeout(() => signalGroup(pid, 'SIGKILL'), withinMs);
  };
  const deadline = timeoutMs === undefined ? undefined : setTimeout(() => {
    timedOut = true;
    end();
  }, timeoutMs);
  // What the program leaves behind would hold its pipes, and a processor or two.
  child.once('exit', () => signalGroup(pid, 0) && end(leftoverMs));

  const ended = closed(child).then(({ code, signal }) => {
    clearTimeout(deadline);
    clearTimeout(killer);
    groups.delete(pid);
    return { ...(code !== null && { code }), ...(signal !== null && { signal }), timedOut };
  });
  return { pid, ended, end: () => end() };
}

function closed(child: ChildProcess): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
}

/** Signals every process of the group; false: there is none. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

function cannotStart(file: string, cause: NodeJS.ErrnoException): ParamoError {
  const why = cause.code === 'ENOENT' ? 'there is no such program' : cause.code === 'EACCES' ? 'it may not be executed' : cause.message;
  return new ParamoError({ code: 'INVALID_ARGUMENT', message: `${file} cannot be started: ${why}`, hint: 'Check the command after --; a script may need its interpreter, as in -- python train.py.', cause });
}
