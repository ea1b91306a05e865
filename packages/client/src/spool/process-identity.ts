import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { SpoolOwner } from '@paramo/protocol';

/** Version of the format of spools. */
export const spoolFormat = 1;

/** This process as the owner or deliverer of a spool. */
export function identifyOwner(writerId: string): SpoolOwner {
  return { format: spoolFormat, writerId, host: hostname(), pid: process.pid, started: startOf(process.pid) ?? '', boot: currentBoot(), namespace: currentNamespace() };
}

/** Whether a process is gone; undefined when it is one of another host or container, which cannot be seen from here. */
export function isGone({ host, pid, started, boot, namespace }: SpoolOwner): boolean | undefined {
  if (boot === '' || boot !== currentBoot()) {
    if (host !== hostname()) return undefined;
    // The host was started anew.
    if (boot !== currentBoot()) return true;
  }
  if (namespace !== currentNamespace()) return undefined;
  const now = startOf(pid);
  return now === undefined || (now !== '' && started !== '' && now !== started);
}

/** When a living process started; undefined: there is none, or only what its parent has not collected yet. */
function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  if (process.platform !== 'linux') return startByPs(pid);
  const stat = readText(`/proc/${pid}/stat`);
  // proc_pid_stat(5): `pid (name) state ppid …`, where the name may hold anything; field 3 is the state, 22 the start in clock ticks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : (fields[19] ?? '');
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
