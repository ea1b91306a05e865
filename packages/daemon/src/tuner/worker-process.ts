import type { Clock, Worker } from '@paramo/core';

/** What this host knows of its processes. */
export interface ProcessCheck {
  /** The host's name, as workers on it give it. */
  readonly host: string;
  /** Whether no such process lives; false in doubt. */
  isGone(pid: number): boolean;
  /** What a process is at; undefined where there is none, or nothing is known of it. */
  look(pid: number): ProcessState | undefined;
}

/** A process at one moment. */
export interface ProcessState {
  /** When it started: two processes of one number differ in it. */
  readonly started: string;
  /** It may run: it is neither stopped nor dead. */
  readonly canRun: boolean;
  /** Processor time that all its threads have used. */
  readonly cpuMs: number;
}

/** Watches a silent worker. */
export interface WorkWatch {
  /** Looks at its process; says whether it has computed since the look before. */
  look(): boolean;
}

/** Processor time by time passed from which a process computes: one that only waits, with threads that tick, uses less. */
const leastShare = 0.02;

/** Watches the process of a worker on this host; undefined for others. A process that takes over the number of a dead one does not count. */
export function watchWork(processes: ProcessCheck | undefined, { host, pid }: Worker, clock: Clock): WorkWatch | undefined {
  if (!processes || host !== processes.host || pid <= 0) return undefined;
  let last: { readonly state: ProcessState; readonly atMs: number } | undefined;
  let replaced = false;
  return {
    look() {
      const before = last;
      const state = replaced ? undefined : processes.look(pid);
      if (!state) return false;
      replaced = before !== undefined && before.state.started !== state.started;
      const atMs = clock.monotonicMs();
      last = { state, atMs };
      if (!before || replaced || !state.canRun) return false;
      const usedMs = state.cpuMs - before.state.cpuMs;
      return usedMs > 0 && usedMs >= leastShare * (atMs - before.atMs);
    },
  };
}
