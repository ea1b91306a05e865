import type { ProcessState } from '../tuner/worker-process.js';
import { readProcStat } from './proc-stat.js';

/** Linux counts them at 100 a second for programs, whatever the kernel's own clock is. */
const msPerTick = 10;

/** What a process of this host is at; undefined where there is none, and on systems other than Linux. */
export function lookAtProcess(pid: number): ProcessState | undefined {
  const stat = readProcStat(pid);
  return stat && { started: stat.started, canRun: !'TtZXx'.includes(stat.state), cpuMs: stat.cpuTicks * msPerTick };
}
