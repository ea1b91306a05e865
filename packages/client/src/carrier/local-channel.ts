import { createCarrier } from './carrier.js';
import type { CarrierOptions } from './carrier.js';
import type { OpenChannel } from './messages.js';

/** What a carrier in this thread runs on. */
export type LocalCarrierOptions = Omit<CarrierOptions, 'memory' | 'send'>;

/** A carrier in the thread of its reporter: for simulated time, and where no other thread can be had. It stands still while the training does not let go. */
export function openLocalChannel(options: LocalCarrierOptions): OpenChannel {
  return (memory, receive) => {
    const carrier = createCarrier({ ...options, memory, send: receive });
    return { ready: Promise.resolve(), post: (message) => carrier.receive(message), close: async () => undefined };
  };
}
