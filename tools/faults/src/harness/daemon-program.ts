// A daemon process of the bed: what `paramo up` runs, with what only tests may ask for. Its first argument is a
// `DaemonProgramOptions` as JSON; it says `ready` on stdout once it answers, and answers `gc` on its
// channel with what it holds afterwards.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDaemon } from '@paramo/daemon';
import type { PluginSource, Store } from '@paramo/daemon';
import { createMemoryStore, openLmdbStore } from '@paramo/daemon/testing';

/** What a daemon process is told. */
export interface DaemonProgramOptions {
  readonly home: string;
  /** Acks before the sync: breaks the first promise, so that the checker can be seen to notice. */
  readonly unsafe?: boolean;
  readonly pluginLimits?: { readonly callTimeoutMs?: number; readonly memoryLimitMb?: number };
  readonly plugins?: readonly PluginSource[];
}

const { home, unsafe = false, pluginLimits, plugins = [] } = JSON.parse(process.argv[2] ?? '{}') as DaemonProgramOptions;
const from = fileURLToPath(new URL('.', import.meta.url));

/** Answers commits, and shows what they write, when they are on the way to the disk and not yet there. */
async function openUnsafely(path: string): Promise<Store> {
  const disk = await openLmdbStore({ path: join(path, 'data.mdb') });
  const memory = createMemoryStore();
  const everything = { from: new Uint8Array(0), to: Buffer.alloc(1, 0xff) };
  await memory.commit([...disk.range(everything)].map(([key, value]) => ({ key, value })));
  return {
    ...disk, get: memory.get, range: memory.range,
    commit(writes) {
      disk.commit(writes).catch(() => undefined);
      return memory.commit(writes);
    },
  };
}

try {
  const daemon = await startDaemon({
    home, version: '0.0.0', plugins: [...['@paramo/strategy-random', '@paramo/stopper-asha'].map((name) => ({ package: name, from })), ...plugins],
    ...(unsafe && { openStore: openUnsafely }), ...(pluginLimits && { pluginLimits }),
  });
  process.on('SIGTERM', () => void daemon.close(500));
  process.on('message', (message) => {
    if (message !== 'gc') return;
    globalThis.gc?.();
    setTimeout(() => {
      globalThis.gc?.();
      process.send?.(process.memoryUsage());
    }, 100);
  });
  process.stdout.write('ready\n');
  const failure = await daemon.ended;
  if (failure) process.stderr.write(`${failure.message}\n`);
  process.exit(failure ? 3 : 0);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(4);
}
