import type { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import type { sendUnaryData, ServerDuplexStream, ServerReadableStream, ServerUnaryCall, ServerWritableStream, UntypedHandleCall } from '@grpc/grpc-js';
import { ParamoError } from '@paramo/core';
import type { BoundMethod, CallContext } from '@paramo/protocol';
import { failureStatus } from './failure-status.js';

type UnaryCall = ServerUnaryCall<unknown, unknown>;
type Reader = ServerReadableStream<unknown, unknown>;
type Writer = ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>;
type AnyCall = UnaryCall | Reader | Writer;

/**
 * A transport-neutral handler, as grpc-js calls it. Requests are read as the handler asks for them and responses taken
 * as the caller reads them, 16 messages ahead at most; a caller who goes away aborts the handler's signal.
 */
export function adaptCall(method: BoundMethod): UntypedHandleCall {
  switch (method.kind) {
    case 'unary':
      return (call: UnaryCall, answer: sendUnaryData<unknown>) =>
        respond(call, answer, (context) => method.handle(call.request, context));
    case 'clientStream':
      return (call: Reader, answer: sendUnaryData<unknown>) =>
        respond(call, answer, (context) => method.handle(readRequests(call, context.signal), context));
    case 'serverStream':
      return (call: ServerWritableStream<unknown, unknown>) =>
        stream(call, (context) => method.handle(call.request, context));
    case 'duplex':
      return (call: ServerDuplexStream<unknown, unknown>) =>
        stream(call, (context) => method.handle(readRequests(call, context.signal), context));
  }
}

async function respond(call: AnyCall, answer: sendUnaryData<unknown>, handle: (context: CallContext) => Promise<unknown>): Promise<void> {
  const { context, end } = follow(call);
  try {
    answer(null, await handle(context));
  } catch (thrown) {
    answer(failureStatus(thrown), null);
  } finally {
    end();
  }
}

async function stream(call: Writer, handle: (context: CallContext) => AsyncIterable<unknown>): Promise<void> {
  const { context, end } = follow(call);
  try {
    await writeResponses(call, handle(context), context.signal);
    if (!context.signal.aborted) call.end();
  } catch (thrown) {
    // The way grpc-js is told to end a stream with a status.
    call.emit('error', failureStatus(thrown));
  } finally {
    end();
  }
}

async function writeResponses(call: Writer, responses: AsyncIterable<unknown>, signal: AbortSignal): Promise<void> {
  const iterator = responses[Symbol.asyncIterator]();
  let finished = false;
  try {
    while (!signal.aborted) {
      const next = await unlessAborted(iterator.next(), signal);
      if (!next || next.done) {
        finished = next?.done === true;
        return;
      }
      if (!call.write(next.value)) await unlessAborted(drained(call), signal);
    }
  } catch (thrown) {
    finished = true;
    throw thrown;
  } finally {
    // Not awaited: a handler that ignores its signal must not hold the call.
    if (!finished) void iterator.return?.()?.catch(() => undefined);
  }
}

/** The requests of a stream, until the caller half-closes; throws when the caller goes away before. */
async function* readRequests(call: Readable, signal: AbortSignal): AsyncGenerator<unknown, void, undefined> {
  try {
    for await (const request of call.iterator({ destroyOnReturn: false })) yield request;
  } catch (thrown) {
    throw signal.aborted ? (signal.reason as ParamoError) : ParamoError.from(thrown);
  }
  if (signal.aborted) throw signal.reason as ParamoError;
}

/** The context of a call; `end` says that it is over. */
function follow(call: AnyCall): { readonly context: CallContext; end(): void } {
  const abort = new AbortController();
  const leave = (): void => {
    const late = Number(call.getDeadline()) <= Date.now();
    abort.abort(new ParamoError(late ? { code: 'TIMEOUT', message: 'the deadline of the call has passed' } : { code: 'ABORTED', message: 'the caller has gone' }));
  };
  const events: EventEmitter = call;
  events.on('cancelled', leave);
  if (call.cancelled) leave();
  const peer = call.getPeer();
  return {
    context: { signal: abort.signal, peer: peer === 'unknown' ? 'local socket' : peer },
    end: () => {
      events.off('cancelled', leave);
      abort.abort(new ParamoError({ code: 'ABORTED', message: 'the call is over' }));
    },
  };
}

function drained(call: Writer): Promise<void> {
  return new Promise((resolve) => call.once('drain', () => resolve()));
}

// Not Promise.race: on a promise that lives as long as the call it would keep every message.
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(undefined);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    const settled = (): void => signal.removeEventListener('abort', onAbort);
    work.finally(settled).then(resolve, reject);
  });
}
