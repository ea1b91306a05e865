import type { MethodDefinition } from '@grpc/grpc-js';
import { isParamoError, ParamoError, sleep } from '@paramo/core';
import type { Clock, Entropy } from '@paramo/core';
import type { CallOptions, Transport } from '@paramo/protocol';
import { backoffMs } from './backoff.js';
import { holdProcess } from './hold-process.js';

/** How one call is made over a link. */
export interface LinkCallOptions extends CallOptions {
  /** How long a unary call is tried again when the daemon goes away, in milliseconds; 0: it is tried once. */
  readonly patienceMs?: number;
  /** How long one try of a unary call may take, in milliseconds; 30 000 by default. Unlike `timeoutMs`, it is then tried again. */
  readonly tryTimeoutMs?: number;
  /** Whether a unary call lets the process end while it waits; false by default. */
  readonly isBackground?: boolean;
}

/**
 * A transport that finds its daemon again. Unary calls that meet a lost connection are made again, so their requests
 * must be idempotent (those of Paramo's wire are, by request id); streams fail, and their callers open new ones.
 */
export interface Link extends Transport {
  unary<Req, Res>(method: MethodDefinition<Req, Res>, request: Req, options?: LinkCallOptions): Promise<Res>;
  /** Resolves when there is a daemon; finds or starts one when there is none. Tries once. */
  ready(options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** What a link runs on. */
export interface LinkOptions {
  /** Finds or starts the daemon, and makes sure that it answers. */
  readonly dial: () => Promise<Transport>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Patience of calls that name none, in milliseconds. */
  readonly patienceMs?: number;
  /** Told when a call has been waiting for the daemon for long enough that people wonder. */
  readonly onWait?: (error: ParamoError) => void;
}

const defaultPatienceMs = 60_000;
/** A restart of the daemon takes less: no word is lost about it. */
const quietMs = 2000;
/** The daemon may hang, or be stopped: a call that stays unanswered so long is made again. */
const defaultTryTimeoutMs = 30_000;

/** A link that dials with the first call. */
export function createLink(options: LinkOptions): Link {
  const { dial, clock, entropy, patienceMs: ownPatienceMs = defaultPatienceMs, onWait } = options;
  let current: Transport | undefined;
  let dialing: Promise<Transport> | undefined;
  let closed = false;
  /** Closed because one of their calls met a lost connection, which cancels the others. */
  const dropped = new WeakSet<Transport>();

  const open = (): Promise<Transport> => {
    if (closed) return Promise.reject(closedError());
    if (current) return Promise.resolve(current);
    dialing ??= dial()
      .then((transport) => {
        if (closed) {
          void transport.close();
          throw closedError();
        }
        current = transport;
        return transport;
      })
      .finally(() => {
        dialing = undefined;
      });
    return dialing;
  };
  const drop = (transport: Transport | undefined): void => {
    if (!transport || current !== transport) return;
    current = undefined;
    dropped.add(transport);
    void transport.close();
  };
  /** What a call over `transport` really failed of: one that another call's loss cancelled was lost with it. */
  const reasonOf = (error: unknown, transport: Transport | undefined, signal: AbortSignal | undefined): unknown =>
    isParamoError(error, 'ABORTED') && transport && dropped.has(transport) && !closed && !signal?.aborted ? lostError(error) : error;
  const stream = async function* <Res>(begin: (transport: Transport) => AsyncIterable<Res>, signal: AbortSignal | undefined): AsyncGenerator<Res> {
    const transport = await unlessAborted(open(), signal);
    try {
      yield* begin(transport);
    } catch (thrown) {
      const error = reasonOf(thrown, transport, signal);
      if (isLost(error)) drop(transport);
      throw error;
    }
  };

  return {
    async unary(method, request, callOptions = {}) {
      const { patienceMs = ownPatienceMs, tryTimeoutMs = defaultTryTimeoutMs, isBackground = false, ...given } = callOptions;
      const beginMs = clock.monotonicMs();
      const giveUpMs = beginMs + patienceMs;
      const release = isBackground ? undefined : holdProcess();
      try {
        for (let tries = 0; ; tries++) {
          let transport: Transport | undefined;
          try {
            transport = await unlessAborted(open(), given.signal);
            return await transport.unary(method, request, { timeoutMs: tryTimeoutMs, ...given });
          } catch (thrown) {
            const error = reasonOf(thrown, transport, given.signal);
            if (isLost(error) && !given.signal?.aborted) drop(transport);
            const waitMs = Math.max(backoffMs(tries, entropy), advisedMs(error));
            const again = isLost(error) || isParamoError(error, 'OVERLOADED') || (isParamoError(error, 'TIMEOUT') && given.timeoutMs === undefined);
            if (!again || given.signal?.aborted || closed || clock.monotonicMs() + waitMs > giveUpMs) throw error;
            if (clock.monotonicMs() - beginMs > quietMs) onWait?.(ParamoError.from(error));
            await sleep(clock, waitMs, given.signal);
          }
        }
      } finally {
        release?.();
      }
    },
    async clientStream(method, requests, callOptions) {
      const transport = await unlessAborted(open(), callOptions?.signal);
      try {
        return await transport.clientStream(method, requests, callOptions);
      } catch (thrown) {
        const error = reasonOf(thrown, transport, callOptions?.signal);
        if (isLost(error)) drop(transport);
        throw error;
      }
    },
    serverStream: (method, request, callOptions) => stream((transport) => transport.serverStream(method, request, callOptions), callOptions?.signal),
    duplex: (method, requests, callOptions) => stream((transport) => transport.duplex(method, requests, callOptions), callOptions?.signal),
    async ready(readyOptions) {
      await unlessAborted(open(), readyOptions?.signal);
    },
    async close() {
      closed = true;
      const transport = current;
      current = undefined;
      await transport?.close();
    },
  };
}

/** Whether the daemon went away, so that another connection may help. */
export function isLost(error: unknown): boolean {
  return isParamoError(error, 'DAEMON_UNREACHABLE') || isParamoError(error, 'UNAVAILABLE');
}

/** How long the daemon asks to wait before the same is sent again, in milliseconds; 0: it does not say. */
export function advisedMs(error: unknown): number {
  const details = isParamoError(error) ? error.details : undefined;
  const ms = typeof details === 'object' && details !== null && 'retryAfterMs' in details ? details.retryAfterMs : 0;
  return typeof ms === 'number' ? ms : 0;
}

/** `promise`, unless `signal` is aborted first: then ABORTED, and the promise goes on unheard. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new ParamoError({ code: 'ABORTED', message: 'the call was given up by its caller', hint: 'Nothing to do when this was meant.', cause: signal.reason }));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (abort) signal.removeEventListener('abort', abort);
  }
}

function lostError(cause: ParamoError): ParamoError {
  return new ParamoError({ code: 'UNAVAILABLE', message: 'the connection to the daemon was lost', hint: 'Try again in a moment.', cause });
}

function closedError(): ParamoError {
  return new ParamoError({ code: 'ABORTED', message: 'the connection was closed', hint: 'Open a new one with connect().' });
}
