import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packageDirectory } from '../version.js';

/** What a process that has ended left behind. */
export interface Ended {
  /** 128 and the signal's number is not added: a process ended by a signal has the code null. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process at work. */
export interface Running {
  readonly pid: number;
  /** All of stdout so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves with the first line of stdout that matches, from the start on. Rejects when the process ends without it. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** A project directory with a home of its own, in which `paramo` is installed. */
export interface Sandbox {
  readonly directory: string;
  readonly home: string;
  /** Runs `paramo ARGS` in the directory. */
  paramo(...args: string[]): Promise<Ended>;
  startParamo(...args: string[]): Running;
  /** Runs a program for Node that may import `paramo`. */
  script(source: string, env?: Readonly<Record<string, string>>): Running;
  /** Runs any other program. */
  run(file: string, args: readonly string[], env?: Readonly<Record<string, string>>): Running;
  /** What the home's daemon says of itself. */
  daemon(): { readonly pid: number; readonly address: string; readonly socket?: string; readonly token: string };
  /** Ends everything that was started, and removes the directory. */
  close(): Promise<void>;
}

const pollMs = 20;

/** What is installed in a sandbox beside `paramo`. */
export interface SandboxOptions {
  /** Packages of this workspace and what it has installed; its package.json depends on them. */
  readonly packages?: readonly string[];
}

/** Makes a sandbox; close it after the test. */
export function createSandbox({ packages = [] }: SandboxOptions = {}): Sandbox {
  const directory = mkdtempSync(join(tmpdir(), 'paramo-'));
  const home = join(directory, '.paramo');
  mkdirSync(join(directory, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(packageDirectory, join(directory, 'node_modules', 'paramo'));
  symlinkSync(join(packageDirectory, 'bin', 'paramo.js'), join(directory, 'node_modules', '.bin', 'paramo'));
  for (const name of packages) {
    mkdirSync(dirname(join(directory, 'node_modules', name)), { recursive: true });
    symlinkSync(join(packageDirectory, '..', '..', 'node_modules', name), join(directory, 'node_modules', name));
  }
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ private: true, dependencies: Object.fromEntries(packages.map((name) => [name, '*'])) }));
  const started: Running[] = [];
  let scripts = 0;

  const run = (file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running => {
    const process = startProcess(file, args, { directory, env: { ...cleanEnvironment(), ...env } });
    started.push(process);
    return process;
  };
  const startParamo = (...args: string[]): Running => run(process.execPath, [join(packageDirectory, 'dist', 'bin.js'), ...args]);
  const daemon: Sandbox['daemon'] = () => JSON.parse(readFileSync(join(home, 'daemon.json'), 'utf8')) as ReturnType<Sandbox['daemon']>;

  return {
    directory,
    home,
    paramo: (...args) => startParamo(...args).ended,
    startParamo,
    script(source, env) {
      const path = join(directory, `script${scripts++}.mjs`);
      writeFileSync(path, source);
      return run(process.execPath, [path], env);
    },
    run,
    daemon,
    async close() {
      for (const one of started) one.kill('SIGKILL');
      await Promise.all(started.map((one) => one.ended));
      try {
        const { pid } = daemon();
        process.kill(pid, 'SIGTERM');
        for (let tries = 0; tries < 250 && daemon().pid === pid; tries++) await pause(pollMs);
        process.kill(pid, 'SIGKILL');
      } catch {
        // None was started, or it has ended.
      }
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && !/^(?:PARAMO_|NODE_|VITEST|FORCE_COLOR$)/.test(entry[0])));
}

function startProcess(file: string, args: readonly string[], { directory, env }: { readonly directory: string; readonly env: Readonly<Record<string, string>> }): Running {
  const child = spawn(file, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let over = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      over = true;
      resolve({ code, signal, stdout, stderr });
    });
  });
  return {
    pid: child.pid ?? -1,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    async line(pattern) {
      for (;;) {
        for (const line of stdout.split('\n').slice(0, -1)) {
          const match = pattern.exec(line);
          if (match) return match;
        }
        if (over) throw new Error(`the process ended without a line like ${pattern}. It said:\n${stdout}\n${stderr}`);
        await pause(pollMs);
      }
    },
    kill: (signal) => void child.kill(signal),
    ended,
  };
}
