import type { CancelTimer, Clock } from '@paramo/core';
import type { Study } from './study.js';
import type { ProcessCheck } from './worker-process.js';

/** Looks after worker processes whose stream ended without a goodbye. */
export interface Disconnections {
  /** A process's stream ended, by itself or because its connection broke. */
  note(process: string, broken: boolean): void;
  close(): void;
}

/** What it runs on. */
export interface DisconnectionOptions {
  readonly clock: Clock;
  /** Absent: nobody is looked for, and leases alone tell. */
  readonly processes: ProcessCheck | undefined;
  readonly studies: () => Iterable<Study>;
}

/** A dying process closes its connections before it is gone: when to look, in milliseconds after the stream ended. */
const looksMs = [0, 50, 100, 200, 500, 2500];

/** Frees what a process of this host held once it is seen to have died; elsewhere its leases run out, sooner where its connection broke. */
export function watchDisconnections({ clock, processes, studies }: DisconnectionOptions): Disconnections {
  const pending = new Map<string, CancelTimer>();

  function look(process: string, turn: number): void {
    pending.get(process)?.();
    pending.delete(process);
    const held = [...studies()].filter((study) => study.workers(process).some(({ host, pid }) => host === processes!.host && pid > 0));
    if (held.length === 0) return;
    for (const study of held) {
      const workers = study.workers(process);
      if (workers.every(({ host, pid }) => host === processes!.host && processes!.isGone(pid))) study.goodbye(process, 'its process died');
    }
    const nextMs = looksMs[turn + 1];
    if (nextMs !== undefined) pending.set(process, clock.setTimer(nextMs - looksMs[turn]!, () => look(process, turn + 1)));
  }

  return {
    note(process, broken) {
      // What ended well may only have had nothing to say.
      if (broken) for (const study of studies()) study.disconnected(process);
      if (processes) look(process, 0);
    },
    close() {
      for (const cancel of pending.values()) cancel();
      pending.clear();
    },
  };
}
