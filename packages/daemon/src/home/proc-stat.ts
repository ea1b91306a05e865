import { readFileSync } from 'node:fs';

/** What Linux says of a process. */
export interface ProcStat {
  /** One letter: `R` runs, `S` sleeps, `D` waits for a device, `T` and `t` are stopped, `Z` and `X` dead. */
  readonly state: string;
  /** When it started, in clock ticks since the boot. */
  readonly started: string;
  /** Processor time that all its threads have used, in clock ticks. */
  readonly cpuTicks: number;
}

/** Reads `/proc/PID/stat`; undefined where there is none. */
export function readProcStat(pid: number): ProcStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // proc_pid_stat(5): `pid (name) state ppid …`, where the name may hold anything; field 3 is the state, 14 and 15 are the time in user and kernel mode, 22 the start.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', started: fields[19] ?? '', cpuTicks: Number(fields[11]) + Number(fields[12]) };
}
