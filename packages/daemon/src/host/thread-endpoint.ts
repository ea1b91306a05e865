import { Worker } from 'node:worker_threads';
import { workerEntry } from './endpoint.js';
import type { Death, Endpoint, EndpointEvents } from './endpoint.js';

/** Bounds the heap of a thread; typed arrays lie outside it, which is why only first-party plugins run in threads. */
const threadHeapMb = 1_024;

/** Starts a worker thread for first-party plugins. */
export function startThread(events: EndpointEvents): Endpoint {
  const worker = new Worker(workerEntry('thread-worker'), {
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: threadHeapMb },
  });
  // What a plugin prints is not the daemon's output, and would pile up unread.
  worker.stdout.resume();
  worker.stderr.resume();

  let gone = false;
  const die = (death: Death): void => {
    if (gone) return;
    gone = true;
    events.onDeath(death);
  };
  worker.on('message', (reply) => {
    if (!gone) events.onReply(reply);
  });
  worker.on('messageerror', (error) => die({ kind: 'died', detail: `its answer could not be read (${error.message})` }));
  worker.on('error', (error: Error & { readonly code?: string }) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') die({ kind: 'memory', detail: `it used more than ${threadHeapMb} MB of heap` });
    else die({ kind: 'died', detail: `it threw outside of a call: ${error.message ?? String(error)}` });
  });
  worker.on('exit', (code) => die({ kind: 'died', detail: `it ended its thread with code ${code}` }));

  return {
    send: (request) => {
      if (!gone) worker.postMessage(request);
    },
    kill: async () => {
      gone = true;
      await worker.terminate();
    },
  };
}
