import { createRandom } from '@paramo/core';
import type { Plugin } from '@paramo/core';
import { createMemoryStore, startTestDaemon, testPlugins } from '@paramo/daemon/testing';
import type { MemoryStore, TestDaemon } from '@paramo/daemon/testing';
import grid from '@paramo/strategy-grid';
import pbt from '@paramo/strategy-pbt';
import random from '@paramo/strategy-random';
import asha from '@paramo/stopper-asha';
import median from '@paramo/stopper-median';
import type { Defect } from './defects.js';
import type { History } from './history.js';
import type { Network } from './network.js';
import { createProcess } from './process.js';
import type { SimulatedProcess } from './process.js';
import type { Schedule } from './schedule.js';
import type { Sites } from './sites.js';

/** The daemon of a run: its services over a simulated disk. It is started again when it has died. */
export interface SimulatedDaemon {
  /** The one that lives, if one does. */
  readonly process: SimulatedProcess | undefined;
  /** The newest one. */
  readonly services: TestDaemon;
  readonly starts: number;
  /** Since when it has been up without a stop, in virtual milliseconds; undefined while it is not. */
  readonly upSinceMs: number | undefined;
  start(): Promise<void>;
  /** As SIGKILL does: what was not synced is gone, or not. It is started again after a while. */
  kill(why: string): void;
  /** As SIGSTOP does, for so long. */
  stop(ms: number): void;
  /** Leaves its disk so little room, for so long, that metrics have to wait. */
  fill(ms: number): void;
}

/** What a daemon runs on. */
export interface SimulatedDaemonOptions {
  readonly seed: number;
  readonly schedule: Schedule;
  readonly sites: Sites;
  readonly history: History;
  readonly network: Network;
  /** The folder of blobs; absent: none are stored. */
  readonly blobsPath: string | undefined;
  readonly defect: Defect | undefined;
  /** Told when it cannot be started on what it has left. */
  broken(what: string): void;
}

const plugins: readonly Plugin[] = [...testPlugins, grid, random, pbt, asha, median];
/** Every so many commits there is an occasion to die at one. */
const commitsAnOccasion = 12;

/** A daemon that was not started yet. */
export function createDaemon({ seed, schedule, sites, history, network, blobsPath, defect, broken }: SimulatedDaemonOptions): SimulatedDaemon {
  const chance = createRandom('daemon', seed);
  const delayMs = chance.pick([0, 0, 3, 40]);
  let process: SimulatedProcess | undefined;
  let services: TestDaemon;
  let disk: MemoryStore | undefined;
  let starts = 0;
  let upSinceMs: number | undefined;
  let commits = 0;

  const daemon: SimulatedDaemon = {
    get process() {
      return process;
    },
    get services() {
      return services;
    },
    get starts() {
      return starts;
    },
    get upSinceMs() {
      return upSinceMs;
    },
    async start() {
      const born = createProcess(schedule, 'daemon', chance.int(20_000) - 10_000);
      process = born;
      const clock = { ...born.clock, ...defect?.clock?.(born.clock), advance: () => undefined, jumpWall: born.jumpWall };
      const failAfter = sites.fires('disk full') ? 20 + Math.floor(sites.draw('disk full') * 300) : Infinity;
      const store = { clock: born.clock, delayMs, random: () => chance.next(), failAfter };
      const opened = disk ? disk.crash(store) : createMemoryStore(store);
      disk = opened;
      const mortal = dieAtCommits(opened, born);
      const starting = startTestDaemon({
        seed: seed * 1000 + ++starts, clock, store: { ...mortal, ...defect?.store?.(mortal) }, plugins, dropChance: sites.enabled.includes('instance dropped') ? 0.25 : 0,
        ...(blobsPath !== undefined && { blobsPath }),
      });
      const started = await starting.catch((error: unknown) => void (born.isAlive && broken(`the daemon does not start: ${(error as Error).stack ?? String(error)}`)));
      if (!started || !born.isAlive) return;
      services = started;
      // As a daemon does, it ends when its disk fails.
      void opened.failure.then((error) => daemon.kill(`its disk failed: ${error.code}`));
      upSinceMs = schedule.nowMs;
      history.note('daemon', `start ${starts}`);
      const { bindings } = started.services;
      network.listen({ process: born, bindings: defect?.bindings?.(bindings) ?? bindings });
    },
    kill(why) {
      const dying = process;
      if (!dying?.isAlive) return;
      history.note('fault', `the daemon dies: ${why}`);
      dying.kill();
      process = undefined;
      upSinceMs = undefined;
      // What is left of it hears no clock and writes to no disk.
      disk = disk?.crash({});
      void services?.services.close().catch(() => undefined);
      schedule.after(sites.healed ? 100 : 100 + chance.int(8000), () => void daemon.start());
    },
    stop(ms) {
      const stopped = process;
      if (!stopped?.isAlive || stopped.isStopped) return;
      history.note('fault', `the daemon is stopped for ${Math.round(ms)} ms`);
      stopped.stop();
      upSinceMs = undefined;
      schedule.after(ms, () => {
        stopped.goOn();
        if (stopped.isAlive) upSinceMs = schedule.nowMs;
      });
    },
    fill(ms) {
      const filled = disk;
      if (!process?.isAlive || !filled) return;
      history.note('fault', `the disk is nearly full for ${Math.round(ms)} ms`);
      filled.setScarce(true);
      schedule.after(ms, () => filled.setScarce(false));
    },
  };

  /** The store of a process that may die before a commit is synced, or after that and before anybody is told. */
  function dieAtCommits(store: MemoryStore, born: SimulatedProcess): MemoryStore {
    return {
      ...store,
      async commit(writes) {
        if (++commits % commitsAnOccasion !== 0 || !sites.fires('daemon killed at a commit')) return store.commit(writes);
        const synced = sites.draw('daemon killed at a commit') < 0.5;
        const done = store.commit(writes);
        if (synced) await done;
        if (process === born) daemon.kill(`at a commit, ${synced ? 'after' : 'before'} its sync`);
        return new Promise<never>(() => undefined);
      },
    };
  }
  return daemon;
}
