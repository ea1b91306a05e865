import type { MethodDefinition } from '@grpc/grpc-js';

/** How one call is made. */
export interface CallOptions {
  /** Gives the call up: it ends with ABORTED and the handler's signal is aborted. */
  readonly signal?: AbortSignal;
  /** Gives the call up after this time with TIMEOUT. Absent: no limit. */
  readonly timeoutMs?: number;
}

/**
 * How messages reach a daemon: the port shared by the client and the daemon. Everything that fails does so with a
 * ParamoError: the handler's own, or DAEMON_UNREACHABLE, UNAVAILABLE, TIMEOUT, ABORTED, DAEMON_VERSION and the like.
 *
 * Streams hold back: requests are pulled from the iterable, and responses from the handler, about as fast as the other
 * side consumes them. A stream may be consumed once; leaving its loop early cancels the call. The stream of requests
 * is returned (closed) when the call ends before it does.
 */
export interface Transport {
  /** One request, one response. */
  unary<Req, Res>(method: MethodDefinition<Req, Res>, request: Req, options?: CallOptions): Promise<Res>;
  /** One request, many responses. The call begins when the iteration does. */
  serverStream<Req, Res>(method: MethodDefinition<Req, Res>, request: Req, options?: CallOptions): AsyncIterable<Res>;
  /** Many requests, one response. The end of `requests` half-closes the call. */
  clientStream<Req, Res>(method: MethodDefinition<Req, Res>, requests: AsyncIterable<Req>, options?: CallOptions): Promise<Res>;
  /** Many requests, many responses, interleaved as both sides like. The call begins when the iteration does. */
  duplex<Req, Res>(method: MethodDefinition<Req, Res>, requests: AsyncIterable<Req>, options?: CallOptions): AsyncIterable<Res>;
  /** Ends pending calls with a ParamoError and refuses later ones. Calling it again does nothing. */
  close(): Promise<void>;
}
