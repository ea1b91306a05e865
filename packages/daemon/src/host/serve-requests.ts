import { createInstanceTable, thrownFailure } from './instance-table.js';
import type { WorkerReply, WorkerRequest } from './messages.js';

/** One end of a wire to the daemon. */
export interface WorkerPort {
  /** Throws when the reply cannot be cloned. */
  send(reply: WorkerReply): void;
  onRequest(listener: (request: WorkerRequest) => void): void;
}

/** Answers the daemon's requests for as long as the thread or process lives. */
export function serveRequests(port: WorkerPort): void {
  const table = createInstanceTable();
  port.onRequest((request) => {
    void table.handle(request).then((reply) => {
      try {
        port.send(reply);
      } catch (thrown) {
        // A function or a promise in what the plugin returned.
        port.send({ failure: thrownFailure('what it returned', thrown) });
      }
    });
  });
  port.send({ ready: true });
}
