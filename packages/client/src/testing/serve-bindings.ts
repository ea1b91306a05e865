import { once } from 'node:events';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServerDuplexStream, ServerReadableStream, ServerUnaryCall, ServerWritableStream, UntypedHandleCall, sendUnaryData } from '@grpc/grpc-js';
import { ParamoError } from '@paramo/core';
import { toServiceError } from '@paramo/protocol';
import type { BoundMethod, CallContext, ServiceBinding } from '@paramo/protocol';

/** A gRPC server of this test. */
export interface ServedBindings {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** Ends every connection at once, as a killed process would. */
  kill(): void;
}

interface Call {
  on(event: 'cancelled', listener: () => void): unknown;
  getPeer(): string;
}

/** Serves bindings over real gRPC on a loopback port; `port` 0 takes a free one. */
export async function serveBindings(bindings: readonly ServiceBinding[], port = 0): Promise<ServedBindings> {
  const server = new Server({ 'grpc.max_receive_message_length': 1024 * 1024 });
  for (const { definition, methods } of bindings) server.addService(definition, Object.fromEntries(methods.map((method) => [method.name, handler(method)])));
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, found) => (error ? reject(error) : resolve(found)));
  });
  return { address: `127.0.0.1:${bound}`, kill: () => server.forceShutdown() };
}

function handler(method: BoundMethod): UntypedHandleCall {
  // The kind was derived from the same flags by which grpc-js picks the handler's form.
  return handlerOf(method) as UntypedHandleCall;
}

function handlerOf(method: BoundMethod): unknown {
  switch (method.kind) {
    case 'unary':
      return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
        method.handle(call.request, contextOf(call)).then(
          (response) => callback(null, response),
          (error: unknown) => callback(toServiceError(error)),
        );
      };
    case 'clientStream':
      return (call: ServerReadableStream<unknown, unknown>, callback: sendUnaryData<unknown>) => {
        method.handle(received(call), contextOf(call)).then(
          (response) => callback(null, response),
          (error: unknown) => callback(toServiceError(error)),
        );
      };
    case 'serverStream':
      return (call: ServerWritableStream<unknown, unknown>) => void send(call, () => method.handle(call.request, contextOf(call)));
    case 'duplex':
      return (call: ServerDuplexStream<unknown, unknown>) => void send(call, () => method.handle(received(call), contextOf(call)));
  }
}

function contextOf(call: Call): CallContext {
  const controller = new AbortController();
  call.on('cancelled', () => controller.abort());
  return { signal: controller.signal, peer: call.getPeer() };
}

async function* received(call: ServerReadableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>): AsyncGenerator<unknown> {
  const cancelled = new Promise<'cancelled'>((resolve) => call.on('cancelled', () => resolve('cancelled')));
  // Else the end of the requests would destroy the half that answers.
  const iterator = call.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await Promise.race([iterator.next(), cancelled]);
    // Node ends the requests of a stream that was reset before it says so.
    if (next !== 'cancelled' && next.done) await new Promise((resolve) => setImmediate(resolve));
    if (next === 'cancelled' || call.cancelled) throw new ParamoError({ code: 'ABORTED', message: 'the caller went away' });
    if (next.done) return;
    yield next.value;
  }
}

async function send(call: ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>, open: () => AsyncIterable<unknown>): Promise<void> {
  const gone = new AbortController();
  const aborted = new Promise<undefined>((resolve) => call.on('cancelled', () => resolve(undefined)));
  call.on('cancelled', () => gone.abort());
  let iterator: AsyncIterator<unknown> | undefined;
  try {
    iterator = open()[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next === undefined) break;
      if (next.done) {
        call.end();
        return;
      }
      if (!call.write(next.value)) await once(call, 'drain', { signal: gone.signal });
    }
  } catch (error) {
    if (!gone.signal.aborted) call.emit('error', toServiceError(error));
  }
  await iterator?.return?.();
}

