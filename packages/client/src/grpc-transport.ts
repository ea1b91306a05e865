import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/grpc-js';
import { ParamoError } from '@paramo/core';
import { errorMetadataKey, fromServiceError } from '@paramo/protocol';
import type { CallOptions, ServiceFailure, Transport } from '@paramo/protocol';
import { pumpRequests } from './request-pump.js';

/** Where a daemon listens, and what it wants to see. */
export interface DaemonAddress {
  /** `unix:/path/to/socket`, or `127.0.0.1:PORT`. */
  readonly address: string;
  /** Sent with every call as `authorization: Bearer TOKEN`. */
  readonly token?: string;
}

/** A call as all four kinds of grpc-js calls have it. */
interface Cancellable {
  cancel(): void;
}

/** The largest message sent or taken; senders cut at a quarter of it. */
const maxMessageBytes = 4 * 1024 * 1024;

/** Six days: doubled and spread, as it is, it still fits a timer. */
const neverMs = 2 ** 29;

/** Statuses by which grpc-js reports that the other side went away, when no handler's answer came with them. */
const lostStatuses: ReadonlySet<number> = new Set([status.CANCELLED, status.UNKNOWN, status.INTERNAL]);

/**
 * The transport over gRPC. It connects with the first call and does not try again by itself: a lost connection fails
 * its calls with UNAVAILABLE or DAEMON_UNREACHABLE, and whoever owns the transport opens another.
 */
export function createGrpcTransport({ address, token }: DaemonAddress): Transport {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.enable_retries': 0,
    // A daemon is on this host: a proxy of the environment has no part in this.
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    // Else a new transport to a restarted daemon would inherit the waiting time of the old one's failures.
    'grpc.use_local_subchannel_pool': 1,
    // A connection that was refused is tried once more after this time, even when it was closed meanwhile, and would then stay open for ever.
    'grpc.initial_reconnect_backoff_ms': neverMs,
    'grpc.max_reconnect_backoff_ms': neverMs,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
  });
  const calls = new Set<Cancellable>();
  let closed = false;

  const metadata = (): Metadata => {
    const sent = new Metadata();
    if (token) sent.set('authorization', `Bearer ${token}`);
    return sent;
  };
  const check = (signal: AbortSignal | undefined): void => {
    if (closed) throw closedError();
    if (signal?.aborted) throw abortedError(signal);
  };
  /** Ties a call to its signal and to `close`; the returned function unties it. */
  const watch = (call: Cancellable, signal: AbortSignal | undefined): (() => void) => {
    const cancel = (): void => call.cancel();
    calls.add(call);
    signal?.addEventListener('abort', cancel);
    return () => {
      calls.delete(call);
      signal?.removeEventListener('abort', cancel);
    };
  };
  const failure = (thrown: unknown, signal: AbortSignal | undefined): ParamoError => {
    if (signal?.aborted) return abortedError(signal);
    if (closed) return closedError();
    return toParamoError(thrown);
  };

  return {
    async unary(method, request, options) {
      check(options?.signal);
      return new Promise((resolve, reject) => {
        const call = client.makeUnaryRequest(method.path, method.requestSerialize, method.responseDeserialize, request, metadata(), deadline(options), (error, response) => {
          release();
          if (error) reject(failure(error, options?.signal));
          else resolve(response!);
        });
        const release = watch(call, options?.signal);
      });
    },
    async clientStream(method, requests, options) {
      check(options?.signal);
      return new Promise((resolve, reject) => {
        let pumpError: unknown;
        const call = client.makeClientStreamRequest(method.path, method.requestSerialize, method.responseDeserialize, metadata(), deadline(options), (error, response) => {
          release();
          stop();
          if (error) reject(pumpError === undefined ? failure(error, options?.signal) : ParamoError.from(pumpError));
          else resolve(response!);
        });
        const release = watch(call, options?.signal);
        const stop = pumpRequests(requests, call, (error) => {
          pumpError = error;
        });
      });
    },
    async *serverStream<Req, Res>(method: MethodDefinition<Req, Res>, request: Req, options?: CallOptions) {
      check(options?.signal);
      const call = client.makeServerStreamRequest(method.path, method.requestSerialize, method.responseDeserialize, request, metadata(), deadline(options));
      // After an early end nobody else listens, and the cancellation's own error would end the process.
      call.on('error', ignore);
      const release = watch(call, options?.signal);
      try {
        for await (const response of call) yield response as Res;
      } catch (error) {
        throw failure(error, options?.signal);
      } finally {
        release();
        call.cancel();
      }
    },
    async *duplex<Req, Res>(method: MethodDefinition<Req, Res>, requests: AsyncIterable<Req>, options?: CallOptions) {
      check(options?.signal);
      const call = client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize, metadata(), deadline(options));
      // After an early end nobody else listens, and the cancellation's own error would end the process.
      call.on('error', ignore);
      const release = watch(call, options?.signal);
      let pumpError: unknown;
      const stop = pumpRequests(requests, call, (error) => {
        pumpError = error;
      });
      try {
        for await (const response of call) yield response as Res;
      } catch (error) {
        throw pumpError === undefined ? failure(error, options?.signal) : ParamoError.from(pumpError);
      } finally {
        release();
        stop();
        call.cancel();
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      for (const call of calls) call.cancel();
      client.close();
    },
  };
}

function ignore(): void {}

function deadline(options: CallOptions | undefined): { deadline?: number } {
  return options?.timeoutMs === undefined ? {} : { deadline: Date.now() + options.timeoutMs };
}

function toParamoError(thrown: unknown): ParamoError {
  const error = fromServiceError(thrown);
  const failure = thrown as Partial<ServiceFailure>;
  if (typeof failure.code !== 'number' || failure.metadata?.get(errorMetadataKey)[0] !== undefined) return error;
  if (failure.code === status.RESOURCE_EXHAUSTED && /larger than/.test(error.summary)) {
    return new ParamoError({ code: 'LIMIT_EXCEEDED', message: error.summary, hint: 'Send or ask for less at a time.', cause: thrown });
  }
  // No connection was lost: the request never left, and never will.
  const unsent = failure.code === status.INTERNAL && /^Request message serialization failure: (.*)/s.exec(error.summary);
  if (unsent) return new ParamoError({ code: 'INVALID_ARGUMENT', message: `the request cannot be encoded: ${unsent[1]}`, hint: 'Counts, numbers of trials and seeds are whole numbers from 0.', cause: thrown });
  if (!lostStatuses.has(failure.code)) return error;
  return new ParamoError({ code: 'UNAVAILABLE', message: `the connection to the daemon was lost (${error.summary})`, hint: 'Try again in a moment.', cause: thrown });
}

function abortedError(signal: AbortSignal): ParamoError {
  return new ParamoError({ code: 'ABORTED', message: 'the call was given up by its caller', hint: 'Nothing to do when this was meant.', cause: signal.reason });
}

function closedError(): ParamoError {
  return new ParamoError({ code: 'ABORTED', message: 'the connection was closed', hint: 'Open a new one with connect().' });
}
