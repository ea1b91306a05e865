import { createSeededEntropy, createSimulatedClock } from '@paramo/core/testing';
import type { SimulatedClock } from '@paramo/core/testing';
import { choice, float, space } from '@paramo/core';
import type { Entropy, Plugin, StudyPlan, StudySpec } from '@paramo/core';
import { ServerServiceService, studySpecToMessage, OpenMode, OpenStudyRequest, StudyServiceService } from '@paramo/protocol';
import type { ReplayResponse, Study, Transport } from '@paramo/protocol';
import { createLocalTransport } from '@paramo/protocol/testing';
import { assembleServices } from '../../services.js';
import type { Services } from '../../services.js';
import { createMemoryStore } from '../../store/memory-store.js';
import type { MemoryStore } from '../../store/memory-store.js';
import type { WriterLimits } from '../../limits.js';
import type { ProcessCheck } from '../worker-process.js';
import { createInlineHost } from './inline-host.js';
import type { InlineHost } from './inline-host.js';
import { testPlugins } from './plugins.js';
import { createTestStudy } from './test-study.js';
import type { TestStudy } from './test-study.js';

/** What a test daemon is made of; everything simulated unless given. */
export interface TestDaemonOptions {
  readonly seed?: number;
  readonly clock?: SimulatedClock;
  readonly store?: MemoryStore;
  readonly plugins?: readonly Plugin[];
  readonly dropChance?: number;
  readonly processes?: ProcessCheck;
  readonly writerLimits?: Partial<WriterLimits>;
  /** The folder of blobs; absent: there are no services for checkpoints and artifacts. */
  readonly blobsPath?: string;
}

/** A daemon in this process, without home and network. */
export interface TestDaemon {
  readonly clock: SimulatedClock;
  readonly store: MemoryStore;
  readonly host: InlineHost;
  readonly services: Services;
  readonly transport: Transport;
  /** Opens a study of one float and one choice, minimising `loss`, driven by `drawing`. */
  open(changes?: Partial<StudySpec>, mode?: OpenMode, request?: Partial<OpenStudyRequest>): Promise<TestStudy>;
  /** Reads what is stored of a study. */
  record(studyId: string): Promise<Study>;
  /** The last message of a replay. */
  replay(studyId: string): Promise<ReplayResponse>;
  /** Lets everything that waits for no timer come to rest. */
  settle(): Promise<void>;
  /** Lets time pass and everything come to rest. */
  pass(ms: number): Promise<void>;
  /** Ends it without a word, as kill -9 does, and starts another on what was on disk. */
  crash(options?: TestDaemonOptions): Promise<TestDaemon>;
  close(): Promise<void>;
}

/** The plan of a study that says nothing else. */
export const testPlan: StudyPlan = {
  space: space({ x: float(0, 1), opt: choice(['a', 'b']) }).spec,
  objectives: [{ metric: 'loss', goal: 'min', at: 'last' }],
  strategy: { name: 'drawing', options: {} },
};

/** Starts one. */
export async function startTestDaemon(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const { clock = createSimulatedClock(), seed = 1, processes, blobsPath, writerLimits } = options;
  const entropy: Entropy = createSeededEntropy(seed);
  const store = options.store ?? createMemoryStore();
  const host = createInlineHost({ plugins: options.plugins ?? testPlugins, entropy, dropChance: options.dropChance ?? 0.2 });
  const identity = { version: '0.0.0', instanceId: '', startedMs: 0, storeFormat: 1, maxMessageBytes: 1e6 };
  const services = await assembleServices({
    store, clock, entropy, host, identity, ...(processes && { processes }), ...(writerLimits && { writerLimits }), ...(blobsPath !== undefined && { blobsPath }), health: () => Promise.resolve([]), shutdown: () => undefined,
  });
  const transport = createLocalTransport(services.bindings);
  let dead = false;

  const daemon: TestDaemon = {
    clock, store, host, services, transport,
    async open(changes = {}, mode = OpenMode.OPEN_MODE_JOIN, request = {}) {
      const spec: StudySpec = { name: 'study', budget: {}, rules: { maxFailures: 10, retries: 2, retryOnFailure: false, leaseMs: 30_000, keepCheckpoints: 2 }, seed: 7, labels: {}, attributes: {}, ...testPlan, ...changes };
      const { study, created } = await transport.unary(StudyServiceService.openStudy, OpenStudyRequest.fromPartial({ spec: studySpecToMessage(spec), mode, ...request }));
      return createTestStudy(daemon, study!, created);
    },
    async record(studyId) {
      const { study } = await transport.unary(StudyServiceService.getStudy, { key: { $case: 'studyId', value: studyId } });
      return study!;
    },
    async replay(studyId) {
      let last: ReplayResponse | undefined;
      for await (const message of transport.serverStream(ServerServiceService.replay, { studyId })) last = message;
      return last!;
    },
    async settle() {
      for (let i = 0; i < 60; i++) await new Promise(setImmediate);
    },
    async pass(ms) {
      await daemon.settle();
      clock.advance(ms);
      await daemon.settle();
    },
    async crash(changes = {}) {
      dead = true;
      const survivor = store.crash();
      await transport.close();
      // What is left of the dead one hears no clock and writes to no disk.
      void services.close().catch(() => undefined);
      return startTestDaemon({ ...options, seed: seed + 1, clock, store: survivor, ...changes });
    },
    async close() {
      let closed = false;
      const closing = (async () => {
        await transport.close();
        // On the disk of a dead one nothing comes to its end.
        if (!dead) await services.close();
        await host.close();
        await store.close();
      })().finally(() => (closed = true));
      // A disk may need the clock.
      while (!closed) {
        clock.advance(1);
        await new Promise(setImmediate);
      }
      await closing;
    },
  };
  return daemon;
}
