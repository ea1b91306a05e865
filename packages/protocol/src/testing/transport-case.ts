import type { ServiceBinding } from '../service-binding.js';
import type { Transport } from '../transport.js';

/** Serves `bindings` and opens a transport to them; closing the transport may end the service too. */
export type OpenTransport = (bindings: readonly ServiceBinding[]) => Promise<Transport>;

/** One promise of the Transport port as a runnable case; `run` rejects when it is broken. */
export interface TransportCase {
  readonly name: string;
  run(open: OpenTransport): Promise<void>;
}
