// What runs in a worker thread for first-party plugins.
import { parentPort } from 'node:worker_threads';
import type { WorkerRequest } from './messages.js';
import { serveRequests } from './serve-requests.js';

const port = parentPort!;
serveRequests({
  send: (reply) => port.postMessage(reply),
  onRequest: (listener) => void port.on('message', (request: WorkerRequest) => listener(request)),
});
