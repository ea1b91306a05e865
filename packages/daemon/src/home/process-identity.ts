import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { readProcStat } from './proc-stat.js';

/** What tells a process from every other one that ever had or will have its number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the words of the operating system; empty where that cannot be known. */
  readonly started: string;
  /** The boot it lives in; empty where that cannot be known. */
  readonly boot: string;
  /** The namespace its number counts in, as in a container; empty where there is none. */
  readonly namespace: string;
}

/** The identity of this process. */
export function identifySelf(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) ?? '', boot: currentBoot(), namespace: currentNamespace() };
}

/** Whether a process lives still; `unknown` when it belongs to another container and cannot be seen from here. */
export function isAlive(identity: ProcessIdentity): boolean | 'unknown' {
  if (identity.boot !== currentBoot()) return false;
  if (identity.namespace !== currentNamespace()) return 'unknown';
  const started = startOf(identity.pid);
  return started !== undefined && (started === '' || identity.started === '' || started === identity.started);
}

/** When a living process started; undefined: there is none, or only what its parent has not collected yet. */
function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  if (process.platform !== 'linux') return startByPs(pid);
  const stat = readProcStat(pid);
  if (stat?.state === 'Z' || stat?.state === 'X') return undefined;
  return stat?.started ?? '';
}

function startByPs(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, LC_ALL: 'C' } }).trim();
  } catch {
    return '';
  }
}

function currentBoot(): string {
  return readText('/proc/sys/kernel/random/boot_id').trim();
}

function currentNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
