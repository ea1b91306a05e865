import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { CancelTimer, Clock } from '@paramo/core';

/** What to watch. */
export interface MemoryWatchOptions {
  readonly pid: number;
  readonly limitMb: number;
  readonly clock: Clock;
  /** Called once, with what the process held. */
  onOver(residentMb: number): void;
}

/** Between two looks; at full speed a process touches some hundred megabytes in this time. */
const lookEveryMs = 50;
const lookEveryMsByPs = 500;

/**
 * Looks at the resident memory of a process until it is over the limit or the watch is cancelled. Unlike a heap limit
 * this counts typed arrays and native memory too.
 */
export function watchMemory({ pid, limitMb, clock, onOver }: MemoryWatchOptions): CancelTimer {
  const proc = process.platform === 'linux';
  let cancelled = false;
  let cancelTimer: CancelTimer = () => {};
  const look = async (): Promise<void> => {
    const residentMb = proc ? await residentByProc(pid) : await residentByPs(pid);
    if (cancelled || residentMb === undefined) return;
    if (residentMb > limitMb) onOver(residentMb);
    else again();
  };
  const again = (): void => {
    cancelTimer = clock.setTimer(proc ? lookEveryMs : lookEveryMsByPs, () => void look());
  };
  again();
  return () => {
    cancelled = true;
    cancelTimer();
  };
}

async function residentByProc(pid: number): Promise<number | undefined> {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}

function residentByPs(pid: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, stdout) => {
      const kib = Number(stdout.trim());
      resolve(error || !Number.isFinite(kib) || stdout.trim() === '' ? undefined : kib / 1024);
    });
  });
}
