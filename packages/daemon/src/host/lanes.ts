import type { CancelTimer, Clock } from '@paramo/core';
import { openChannel } from './channel.js';
import type { Channel } from './channel.js';
import { startProcess } from './process-endpoint.js';
import { startThread } from './thread-endpoint.js';

/** A place where one instance runs: a share of a thread, or a process. */
export interface Lane {
  readonly channel: Channel;
  /** Gives the place back; a process ends. Calling it again does nothing. */
  release(): void;
}

/** The threads and processes of a host. */
export interface Lanes {
  /** A share of the thread with the fewest instances, started if all have some and there may be more. */
  inThread(): Lane;
  /** A process of its own. */
  inProcess(): Lane;
  /** Ends them all. */
  close(): Promise<void>;
}

/** What lanes run on. */
export interface LanesOptions {
  readonly clock: Clock;
  readonly threads: number;
  readonly callTimeoutMs: number;
  readonly memoryLimitMb: number;
  /** A thread without instances is kept so long. */
  readonly idleMs: number;
}

interface Thread {
  readonly channel: Channel;
  users: number;
  cancelIdle: CancelTimer;
}

/** No lane runs before it is asked for. */
export function createLanes({ clock, threads: most, callTimeoutMs, memoryLimitMb, idleMs }: LanesOptions): Lanes {
  let threads: Thread[] = [];
  const processes = new Set<Channel>();

  function leastUsed(): Thread | undefined {
    threads = threads.filter((thread) => thread.channel.alive);
    let best: Thread | undefined;
    for (const thread of threads) if (!best || thread.users < best.users) best = thread;
    return best && (best.users === 0 || threads.length >= most) ? best : undefined;
  }

  function newThread(): Thread {
    const thread: Thread = { channel: openChannel({ start: startThread, clock, callTimeoutMs }), users: 0, cancelIdle: () => {} };
    threads.push(thread);
    return thread;
  }

  function once(action: () => void): () => void {
    let called = false;
    return () => {
      if (called) return;
      called = true;
      action();
    };
  }

  return {
    inThread: () => {
      const thread = leastUsed() ?? newThread();
      thread.users++;
      thread.cancelIdle();
      const release = once(() => {
        if (--thread.users === 0) thread.cancelIdle = clock.setTimer(idleMs, () => void thread.channel.close());
      });
      return { channel: thread.channel, release };
    },
    inProcess: () => {
      const channel = openChannel({ start: (events) => startProcess(events, { memoryLimitMb, clock }), clock, callTimeoutMs });
      processes.add(channel);
      const release = once(() => {
        void channel.close().finally(() => processes.delete(channel));
      });
      return { channel, release };
    },
    close: async () => {
      for (const thread of threads) thread.cancelIdle();
      await Promise.all([...threads.map((thread) => thread.channel.close()), ...[...processes].map((channel) => channel.close())]);
    },
  };
}
