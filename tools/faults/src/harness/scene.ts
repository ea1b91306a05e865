import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect, findStudy } from '@paramo/client';
import { float, space } from '@paramo/core';
import { OpenMode, OpenStudyRequest, ServerServiceService, studySpecToMessage, StudyServiceService } from '@paramo/protocol';
import type { Transport } from '@paramo/protocol';
import type { FaultContext } from '../fault.js';
import { runBulkWorker } from './bulk-worker.js';
import { checkHoldings, settled } from './check-holdings.js';
import { check } from './check.js';
import type { Violation } from './check.js';
import { dialHome, startDaemonProcess } from './daemon-process.js';
import type { DaemonProcess, DaemonProcessOptions, ProcessEnd } from './daemon-process.js';
import { createHistory, readHistory } from './history.js';
import type { HistoryEntry, Recorder } from './history.js';
import { runRawWorker } from './raw-worker.js';
import type { RawWorkerOptions } from './raw-worker.js';
import { readSnapshot } from './snapshot.js';
import { syncSpools } from './spooled.js';
import type { WorkerProgramOptions } from './worker-program.js';

/** What a study of the bed is. */
export interface SceneStudy {
  readonly name?: string;
  readonly strategy?: string;
  readonly stopper?: 'asha' | 'none';
  readonly leaseMs?: number;
  /** Of a trial; 4 unless given. */
  readonly steps?: number;
  /** It ends after so many; absent: never. */
  readonly trials?: number;
}

/** Workers in this process. */
export interface Workers {
  /** Ends them; what is under way is given up. */
  stop(): Promise<void>;
  /** Waits until a study has ended so many trials, and stops. @throws Error after a minute. */
  finished(trials: number): Promise<void>;
}

/** A worker process. */
export interface WorkerProcess {
  /** What the names of its workers begin with. */
  readonly name: string;
  readonly process: ChildProcess;
  /** Sends a signal, wakes it if it is stopped, and waits for its end. */
  kill(signal: NodeJS.Signals): Promise<ProcessEnd>;
}

/** A home, its daemon, its clients and what they saw. */
export interface Scene {
  readonly directory: string;
  readonly home: string;
  /** Starts the daemon, and waits until it answers. */
  start(options?: Partial<DaemonProcessOptions>): Promise<DaemonProcess>;
  /** Starts one without waiting. */
  launch(options?: Partial<DaemonProcessOptions>): DaemonProcess;
  /** Kills the daemon started last. */
  killDaemon(): Promise<void>;
  /** Calls the daemon of the moment; a transport of its own each time. */
  withDaemon<T>(use: (transport: Transport) => Promise<T>): Promise<T>;
  /** Opens a study and answers its id. */
  open(study?: SceneStudy): Promise<string>;
  /** Lets raw workers work in this process. */
  work(studyId: string, count: number, options?: Partial<RawWorkerOptions>): Workers;
  /** Has the store packed, unless the daemon dies of something else meanwhile. */
  compact(): Promise<void>;
  /** Gives trials again to hosts that were held back because workers were killed there, unless the daemon dies meanwhile. */
  resume(study: string): Promise<void>;
  /** Lets a worker report so much that points move into chunks all the time, until it has ended so many trials. */
  workInBulk(studyId: string, trials: number): Pick<Workers, 'stop'>;
  /** Starts a process of workers. */
  spawnWorkers(options: Pick<WorkerProgramOptions, 'studyId' | 'study' | 'raw' | 'sdk'> & Partial<WorkerProgramOptions> & { readonly env?: Readonly<Record<string, string>>; readonly under?: readonly string[] }): WorkerProcess;
  /** Takes down what a fault does itself. */
  readonly record: Recorder;
  /** Everything seen so far, by workers of this process and others. */
  history(): readonly HistoryEntry[];
  /** That healthy workers can still end trials of a study. @throws Error when they cannot within the time. */
  prove(studyId: string, trials?: number, withinMs?: number): Promise<void>;
  /**
   * Where the daemon at rest holds more than a fresh one that has done some work on the same home, and so on the same data. The fresh
   * one takes its place.
   */
  outlived(daemon: DaemonProcess, studyId: string): Promise<string[]>;
  /** With no worker left: waits for leases to run out, delivers what is in spools, then reads everything and checks it. */
  judge(studyId: string, options?: { readonly leaseMs?: number; readonly atRest?: boolean }): Promise<Violation[]>;
  /** Ends everything; the directory stays. */
  close(): Promise<void>;
}

const workerProgram = fileURLToPath(new URL('./worker-program.js', import.meta.url));
const leaseMs = 1500;
/** After a lease has run out: the daemon's grace for a connection that broke, and a busy machine. */
const graceMs = 5000;

/** A scene with a directory of its own in the run's, under a name. */
export function createScene({ seed, directory: parent }: Pick<FaultContext, 'seed' | 'directory'>, name = 'scene'): Scene {
  const directory = join(parent, name);
  mkdirSync(directory, { recursive: true });
  const home = join(directory, '.paramo');
  const historyPath = join(directory, 'history.jsonl');
  const { entries, record } = createHistory();
  const daemons: DaemonProcess[] = [];
  const processes: WorkerProcess[] = [];
  const running: Pick<Workers, 'stop'>[] = [];
  let names = 0;

  const scene: Scene = {
    directory, home, record,
    launch(options = {}) {
      const daemon = startDaemonProcess({ home, ...options });
      daemons.push(daemon);
      return daemon;
    },
    async start(options) {
      const daemon = scene.launch(options);
      await daemon.ready();
      return daemon;
    },
    async killDaemon() {
      await daemons.at(-1)?.kill();
    },
    async withDaemon(use) {
      const transport = await dialHome(home);
      if (!transport) throw new Error('no daemon answers');
      try {
        return await use(transport);
      } finally {
        await transport.close();
      }
    },
    async open({ name = 'bed', strategy = 'random', stopper = 'none', leaseMs: lease = leaseMs, steps = 4, trials } = {}) {
      const spec = studySpecToMessage({
        name, space: space({ x: float(0, 1) }).spec, objectives: [{ metric: 'loss', goal: 'min', at: 'last' }], budget: trials === undefined ? {} : { trials }, seed, labels: {}, attributes: {}, strategy: { name: strategy, options: {} }, steps,
        ...(stopper === 'asha' && { stopper: { name: 'asha', options: {} } }), rules: { maxFailures: 1_000_000, retries: 1000, retryOnFailure: false, leaseMs: lease, keepCheckpoints: 3 },
      });
      return scene.withDaemon(async (transport) => {
        const { study } = await transport.unary(StudyServiceService.openStudy, OpenStudyRequest.fromPartial({ spec, mode: OpenMode.OPEN_MODE_JOIN, requestId: `open ${name}` }));
        return study!.studyId;
      });
    },
    work(studyId, count, options = {}) {
      const ended = new AbortController();
      const done = Array.from({ length: count }, () => runRawWorker({ studyId, seed, name: `w${names++}`, dial: () => dialHome(home), record, signal: ended.signal, ...options }));
      const workers: Workers = {
        async stop() {
          ended.abort();
          await Promise.all(done);
        },
        async finished(trials) {
          for (let waited = 0; (await endedTrials(scene, studyId)) < trials; waited += 100) {
            if (waited > 60_000) throw new Error(`${trials} trials were not ended within a minute`);
            await pause(100);
          }
          await workers.stop();
        },
      };
      running.push(workers);
      return workers;
    },
    async compact() {
      try {
        await scene.withDaemon(async (transport) => {
          for await (const _ of transport.serverStream(ServerServiceService.compact, {}, { timeoutMs: 20_000 }));
        });
      } catch {
        // Its daemon was killed.
      }
    },
    async resume(name) {
      const connection = await connect({ home, start: false, patienceMs: 0 }).catch(() => undefined);
      try {
        if (connection) await (await findStudy(name, { connection })).open('resumed by the bed of faults');
      } catch {
        // Its daemon was killed.
      }
      await connection?.close();
    },
    workInBulk(studyId, trials) {
      const ended = new AbortController();
      const done = runBulkWorker({ studyId, trials, name: `bulk${names++}`, dial: () => dialHome(home), record, signal: ended.signal });
      const workers = {
        async stop() {
          ended.abort();
          await done;
        },
      };
      running.push(workers);
      return workers;
    },
    spawnWorkers({ env = {}, under = [], ...options }) {
      const all: WorkerProgramOptions = { home, seed: seed + names, name: `p${names++}`, history: historyPath, ...options };
      const [file, ...args] = [...under, process.execPath, workerProgram, JSON.stringify(all)];
      const child = spawn(file!, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
      // What the SDK says of a daemon that is away is of no interest here; its own death is.
      child.stderr.resume();
      const ended = new Promise<ProcessEnd>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
      const worker: WorkerProcess = {
        name: all.name, process: child,
        async kill(signal) {
          child.kill('SIGCONT');
          child.kill(signal);
          const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
          const end = await ended;
          clearTimeout(timer);
          return end;
        },
      };
      processes.push(worker);
      return worker;
    },
    history: () => [...entries, ...readHistory(historyPath)],
    async prove(studyId, trials = 3, withinMs = 30_000) {
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), withinMs);
      const count = await runRawWorker({ studyId, seed, name: `prover${names++}`, dial: () => dialHome(home), record, signal: limit.signal, trials, plain: true });
      clearTimeout(timer);
      if (count < trials) throw new Error(`liveness: after the faults only ${count} of ${trials} trials could be ended within ${withinMs / 1000} s`);
    },
    async outlived(daemon, studyId) {
      const lived = await settled(() => daemon.holdings());
      // Killed, not stopped: what waits in memory to be put into chunks is then in the memory of either.
      await daemon.kill();
      const fresh = await scene.start();
      await scene.prove(studyId, 20);
      await scene.withDaemon((transport) => readSnapshot(transport, studyId));
      return checkHoldings(await fresh.holdings(), lived);
    },
    async judge(studyId, { leaseMs: lease = leaseMs, atRest = true } = {}) {
      if (atRest) {
        const patienceMs = lease + graceMs;
        for (let waited = 0; waited < patienceMs && (await isRunning(scene, studyId)); waited += 100) await pause(100);
      }
      const undelivered = await deliverAll(home);
      return [...undelivered, ...check(scene.history(), await scene.withDaemon((transport) => readSnapshot(transport, studyId)), { atRest })];
    },
    async close() {
      await Promise.all([...running.map((workers) => workers.stop()), ...processes.map((one) => one.kill('SIGKILL'))]);
      await Promise.all(daemons.filter((daemon) => !daemon.over).map((daemon) => daemon.kill()));
    },
  };
  return scene;
}

/** What trainers that are gone had told their spools counts as told: it is delivered, and nothing may be left. */
async function deliverAll(home: string): Promise<Violation[]> {
  if (!existsSync(join(home, 'spool'))) return [];
  const { damaged, left } = await syncSpools(home);
  return [
    ...damaged.filter(({ isTail }) => !isTail).map(({ directory, path }): Violation => ({ invariant: 'acked is stored', detail: `${path} in ${directory} is damaged` })),
    ...left.map(({ directory, why }): Violation => ({ invariant: 'acked is stored', detail: `${directory} is left alone: ${why}` })),
  ];
}

async function endedTrials(scene: Scene, studyId: string): Promise<number> {
  const { study } = await scene.withDaemon((transport) => transport.unary(StudyServiceService.getStudy, { key: { $case: 'studyId', value: studyId } }));
  const { completed = 0n, stopped = 0n, failed = 0n } = study?.counts ?? {};
  return Number(completed + stopped + failed);
}

async function isRunning(scene: Scene, studyId: string): Promise<boolean> {
  const { study } = await scene.withDaemon((transport) => transport.unary(StudyServiceService.getStudy, { key: { $case: 'studyId', value: studyId } }));
  return (study?.counts?.running ?? 0n) > 0n;
}

/** Counts of what a history holds, for the table. */
export function countHistory(history: readonly HistoryEntry[]): Readonly<Record<string, number>> {
  const kinds = (kind: HistoryEntry['kind']): number => history.filter((entry) => entry.kind === kind).length;
  return { acks: kinds('acked') + kinds('ended'), checkpoints: kinds('checkpointed'), lost: kinds('lost') };
}
