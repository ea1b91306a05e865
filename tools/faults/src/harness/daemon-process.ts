import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createGrpcTransport, readDaemonFile } from '@paramo/client';
import type { Transport } from '@paramo/protocol';
import type { Holdings } from './check-holdings.js';
import type { DaemonProgramOptions } from './daemon-program.js';

/** How a daemon process is started. */
export interface DaemonProcessOptions extends DaemonProgramOptions {
  /** A command in front of Node's, such as strace and its arguments. */
  readonly under?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How a daemon process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A daemon process. */
export interface DaemonProcess {
  /** Resolves once it answers. @throws Error with what it said when it ends before that. */
  ready(): Promise<void>;
  /** The daemon's own process id. */
  readonly pid: number;
  /** Sends a signal to the daemon itself, whatever runs it. */
  signal(signal: NodeJS.Signals): void;
  /** Ends it without a word, at any moment of its life, and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to end, and waits. */
  stop(): Promise<ProcessEnd>;
  /** What it holds after garbage collection. */
  holdings(): Promise<Holdings>;
  readonly over: boolean;
  readonly ended: Promise<ProcessEnd>;
  readonly stderr: string;
}

const program = fileURLToPath(new URL('./daemon-program.js', import.meta.url));
const readyMs = 60_000;

/** Starts a daemon process on a home. */
export function startDaemonProcess({ under = [], env = {}, ...options }: DaemonProcessOptions): DaemonProcess {
  const [file, ...args] = [...under, process.execPath, '--expose-gc', program, JSON.stringify(options)];
  const child = spawn(file!, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let stdout = '';
  let stderr = '';
  let over = false;
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('error', (error) => {
      stderr += error.message;
      over = true;
      resolve({ code: -1, signal: null });
    });
    child.once('close', (code, signal) => {
      over = true;
      resolve({ code, signal });
    });
  });
  /** The daemon's own process; -1 where it is not there yet. Strace has it below itself, others become it. */
  const own = (): number => (under[0] !== 'strace' ? (child.pid ?? -1) : (childrenOf(child.pid ?? -1)[0] ?? -1));
  const signal = (name: NodeJS.Signals): void => {
    const pid = own();
    try {
      if (!over && pid > 0) process.kill(pid, name);
    } catch {
      // It has ended.
    }
  };
  return {
    ended, signal,
    get pid() {
      return own();
    },
    get over() {
      return over;
    },
    get stderr() {
      return stderr;
    },
    async ready() {
      for (let waited = 0; !stdout.includes('ready'); waited += 10) {
        if (over) throw new Error(`the daemon ended before it was ready: ${stderr.trim() || 'it said nothing'}`);
        if (waited > readyMs) throw new Error(`the daemon is not ready after ${readyMs} ms: ${stderr.trim()}`);
        await pause(10);
      }
    },
    async kill() {
      // Under strace the daemon appears a moment after it.
      for (let tries = 0; !over && own() < 0 && tries < 200; tries++) await pause(5);
      signal('SIGKILL');
      await ended;
    },
    async stop() {
      signal('SIGCONT');
      signal('SIGTERM');
      const timer = setTimeout(() => signal('SIGKILL'), 10_000);
      const end = await ended;
      clearTimeout(timer);
      return end;
    },
    async holdings() {
      const answer = new Promise<unknown>((resolve) => child.once('message', resolve));
      child.send('gc');
      const { heapUsed, external } = (await answer) as NodeJS.MemoryUsage;
      const resident = Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${own()}/status`, 'utf8'))?.[1]) * 1024;
      return { heapBytes: heapUsed + external, residentBytes: resident, files: readdirSync(`/proc/${own()}/fd`).length };
    },
  };
}

/** A transport to the home's daemon; undefined where `daemon.json` names none. */
export async function dialHome(home: string): Promise<Transport | undefined> {
  const file = await readDaemonFile(home);
  return file && createGrpcTransport({ address: file.socket ? `unix:${file.socket}` : file.address, token: file.token });
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
