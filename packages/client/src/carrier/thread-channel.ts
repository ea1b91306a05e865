import { Worker } from 'node:worker_threads';
import type { CarrierChannel, FromCarrier, OpenChannel, ToCarrier } from './messages.js';
import type { CarrierThreadOptions, FromThread } from './thread.js';

/** Run from sources, as tests do, it is the built one: a bare thread loads no TypeScript. */
const ownEntry = new URL(import.meta.url.endsWith('.ts') ? '../../dist/carrier/thread.js' : './thread.js', import.meta.url);

/**
 * A carrier in a thread of its own, which goes on while the training does not let go of this one. It keeps no process alive.
 * Where it cannot be started, as in a bundle that lacks its file, `instead` takes its place.
 */
export function openThreadChannel(options: Omit<CarrierThreadOptions, 'memory'>, instead: OpenChannel, entry: URL = ownEntry): OpenChannel {
  return (memory, receive) => {
    const worker = new Worker(entry, { workerData: { ...options, memory } satisfies CarrierThreadOptions, execArgv: [], name: 'paramo' });
    /** What was posted before it was known to run. */
    let unproven: ToCarrier[] | undefined = [];
    let replacement: CarrierChannel | undefined;
    let isClosed = false;
    let markReady = (): void => undefined;
    const ready = new Promise<void>((resolve) => (markReady = resolve));

    const die = (why: string): void => {
      if (isClosed || replacement) return;
      if (!unproven) return receive({ kind: 'dead', why });
      replacement = instead(memory, receive);
      for (const message of unproven) replacement.post(message);
      unproven = undefined;
      markReady();
    };
    worker.on('message', (message: FromThread | FromCarrier) => {
      if (message.kind === 'ready') {
        unproven = undefined;
        markReady();
      } else if (!isClosed) receive(message);
    });
    worker.on('error', (error) => die(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => die(`it ended with code ${code}`));
    // Only now: a listener for messages keeps the process alive by itself.
    worker.unref();

    return {
      ready,
      post(message) {
        if (replacement) return replacement.post(message);
        unproven?.push(message);
        worker.postMessage(message);
      },
      async close() {
        isClosed = true;
        markReady();
        await replacement?.close();
        await worker.terminate();
      },
    };
  };
}
