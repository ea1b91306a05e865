import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@paramo/core';
import { createDaemon } from './daemon.js';
import type { SimulatedDaemon } from './daemon.js';
import type { Defect } from './defects.js';
import { createHistory } from './history.js';
import type { History } from './history.js';
import { createLedger } from './ledger.js';
import type { Ledger } from './ledger.js';
import { createNetwork } from './network.js';
import type { Network } from './network.js';
import { comeToRest } from './rest.js';
import { createSchedule } from './schedule.js';
import type { Schedule } from './schedule.js';
import { createSites } from './sites.js';
import type { Sites } from './sites.js';

/** A daemon, a network and a time of their own. */
export interface World {
  readonly schedule: Schedule;
  readonly sites: Sites;
  readonly history: History;
  readonly ledger: Ledger;
  readonly network: Network;
  readonly daemon: SimulatedDaemon;
  /** Broken promises in words. */
  readonly violations: string[];
  /** The folder of its files; absent: it has none. */
  readonly folder: string | undefined;
  /** Lets events happen until a moment, or until it is over. Ends at the first broken promise. */
  runUntil(untilMs: number, isOver?: () => boolean): Promise<void>;
  /** Lets events happen until the work is done. */
  drive<T>(work: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What it is made of. */
export interface WorldOptions {
  readonly seed: number;
  /** Whether workers save checkpoints or keep spools. */
  readonly files: boolean;
  readonly defect?: Defect | undefined;
}

/** A disk without syncs, where there is one. */
const memory = '/dev/shm';

/** A world in which nothing has begun. */
export async function createWorld({ seed, files, defect }: WorldOptions): Promise<World> {
  const schedule = createSchedule();
  const folder = files ? await mkdtemp(join(existsSync(memory) ? memory : tmpdir(), 'paramo-simulator-')) : undefined;
  const history = createHistory(schedule, folder);
  const sites = createSites(seed);
  const ledger = createLedger(history);
  const violations: string[] = [];
  const latency = createRandom('network', seed);
  const network = createNetwork({ schedule, sites, draw: () => latency.next(), tap: ledger.tap });
  const daemon = createDaemon({ seed, schedule, sites, history, network, defect, blobsPath: folder && join(folder, 'blobs'), broken: (what) => void violations.push(what) });
  const world: World = {
    schedule, sites, history, ledger, network, daemon, violations, folder,
    async runUntil(untilMs, isOver = () => false) {
      // What was begun just now has planned nothing yet.
      await comeToRest();
      while (violations.length === 0 && !isOver() && (await schedule.step(untilMs))) continue;
    },
    async drive(work) {
      let over = false;
      work.finally(() => (over = true)).catch(() => undefined);
      await comeToRest();
      while (!over) if (!(await schedule.step(schedule.nowMs + 1000))) await comeToRest();
      return work;
    },
    async close() {
      // One that is broken may never come to its end.
      if (violations.length === 0) await world.drive(daemon.services.services.close());
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
  await world.drive(daemon.start());
  return world;
}
