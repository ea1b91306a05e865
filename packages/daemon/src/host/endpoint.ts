import type { WorkerReply, WorkerRequest } from './messages.js';

/** Why a thread or process is gone, when nobody asked it to go. */
export interface Death {
  readonly kind: 'died' | 'memory';
  /** One clause: `it ended with code 3`. */
  readonly detail: string;
}

/** A running thread or process, as the channel sees it. */
export interface Endpoint {
  /** Never throws; what is sent to a dead one is lost. */
  send(request: WorkerRequest): void;
  /** Ends it at once, whatever it does; resolves when it is gone. No death is told after this. */
  kill(): Promise<void>;
}

/** What an endpoint tells. */
export interface EndpointEvents {
  onReply(reply: WorkerReply): void;
  /** Once at most; nothing is told after it. */
  onDeath(death: Death): void;
}

/** Starts a thread or process. */
export type StartEndpoint = (events: EndpointEvents) => Endpoint;

/** The module that a thread or process starts with, `name` without its extension. Run from sources, as tests do, it is the built one: a bare thread loads no TypeScript. */
export function workerEntry(name: 'thread-worker' | 'process-worker'): URL {
  const built = import.meta.url.endsWith('.ts') ? '../../dist/host/' : './';
  return new URL(`${built}${name}.js`, import.meta.url);
}
