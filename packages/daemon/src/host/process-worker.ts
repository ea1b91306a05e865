// What runs in a process of its own for a third-party plugin.
import { Worker } from 'node:worker_threads';
import type { WorkerRequest } from './messages.js';
import { serveRequests } from './serve-requests.js';

const parentCheckMs = 1_000;

// A daemon that was killed cannot end this process, and a plugin in a loop sees no disconnect: a thread watches for both.
const watch = new Worker(
  `const parent = ${process.ppid};
   setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, ${parentCheckMs});`,
  { eval: true, execArgv: [], env: {}, resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 } },
);
watch.unref();

process.on('disconnect', () => process.exit(0));
serveRequests({
  send: (reply) => void process.send!(reply),
  onRequest: (listener) => void process.on('message', (request: WorkerRequest) => listener(request)),
});
