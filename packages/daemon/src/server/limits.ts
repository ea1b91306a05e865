/** What the server grants to callers. Sizes in bytes, times in milliseconds, counts a listener or connection. */
export interface ServerLimits {
  /** The largest request message. */
  readonly maxMessageBytes: number;
  /** The largest response message. */
  readonly maxResponseBytes: number;
  /** Calls at one time on one connection; clients queue further ones. */
  readonly maxStreams: number;
  /** Connections at one time, for the socket and for the loopback port each; further ones are closed at once. */
  readonly maxConnections: number;
  /** How long a single request may take to arrive in full. */
  readonly requestMs: number;
  /** How long a stream of requests may take to begin: longer than the above, for people with interactive tools. */
  readonly firstMessageMs: number;
  /** How long a unary call may take, whatever deadline its caller gave. Streams have only their caller's deadline. */
  readonly unaryMs: number;
  /** How long a connection to the loopback port may stay without an authenticated call. */
  readonly unprovenMs: number;
  /** How long a connection may stay without a call. */
  readonly idleMs: number;
}

/**
 * The limits of a daemon. One message is 1 MiB at most (grpc-js by itself: 4 MiB, and any number of streams and half-sent
 * messages); responses get the 4 MiB that stock clients take. A unary call may wait 60 s for a trial and as long for a
 * plugin, so three minutes end only what hangs.
 */
export const defaultServerLimits: ServerLimits = {
  maxMessageBytes: 1024 * 1024,
  maxResponseBytes: 4 * 1024 * 1024,
  maxStreams: 256,
  maxConnections: 512,
  requestMs: 10_000,
  firstMessageMs: 60_000,
  unaryMs: 180_000,
  unprovenMs: 10_000,
  idleMs: 30 * 60_000,
};
