import { MessageChannel } from 'node:worker_threads';
import { createCarrier } from '../carrier/carrier.js';
import type { LocalCarrierOptions } from '../carrier/local-channel.js';
import type { FromCarrier, OpenChannel, ToCarrier } from '../carrier/messages.js';

/** A carrier in this thread that is spoken to as if it were in another: all messages are cloned, and come later. */
export function openPortChannel(options: LocalCarrierOptions): OpenChannel {
  return (memory, receive) => {
    const { port1, port2 } = new MessageChannel();
    const carrier = createCarrier({ ...options, memory, send: (message) => port2.postMessage(message) });
    port1.on('message', (message: FromCarrier) => receive(message));
    port2.on('message', (message: ToCarrier) => carrier.receive(message));
    port1.unref();
    port2.unref();
    return {
      ready: Promise.resolve(),
      post: (message) => port1.postMessage(message),
      close: async () => port1.close(),
    };
  };
}
