import { Metadata, status } from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/grpc-js';
import { ParamoError } from '@paramo/core';
import { fromServiceError, toServiceError } from '../error-mapping.js';
import type { BoundMethod, ServiceBinding } from '../service-binding.js';
import type { CallOptions, Transport } from '../transport.js';
import { createChannel } from './channel.js';
import type { Channel } from './channel.js';
import { openLocalCall } from './local-call.js';
import type { LocalCall } from './local-call.js';

/** How many messages of a stream lie between producer and consumer. */
const streamCapacity = 16;

/**
 * The simulated transport: calls the handlers of `bindings` in this process, with everything serialised, both ways and
 * errors too, as the wire would. For tests of clients and services that need no network; it passes `transportCases`.
 */
export function createLocalTransport(bindings: readonly ServiceBinding[]): Transport {
  const methods = new Map(bindings.flatMap((binding) => binding.methods).map((method) => [method.definition.path, method]));
  const calls = new Set<LocalCall>();
  let closed = false;

  const open = (options: CallOptions | undefined): LocalCall => {
    if (closed) throw closedError();
    const call = openLocalCall(options ?? {});
    calls.add(call);
    call.onOver(() => calls.delete(call));
    return call;
  };
  const find = <Kind extends BoundMethod['kind']>(path: string, kind: Kind): Extract<BoundMethod, { readonly kind: Kind }> => {
    const method = methods.get(path);
    if (method?.kind !== kind) throw fromServiceError({ code: status.UNIMPLEMENTED, details: `no handler for ${path}`, metadata: new Metadata() });
    return method as Extract<BoundMethod, { readonly kind: Kind }>;
  };

  return {
    unary(method, request, options) {
      return answer(options, (call) => {
        const bound = find(method.path, 'unary');
        return overWire(async () => {
          const received = copyRequest(method, request);
          return call.isOver ? never() : copyResponse(method, await bound.handle(received, call.context));
        });
      });
    },
    clientStream(method, requests, options) {
      return answer(options, (call) => {
        const bound = find(method.path, 'clientStream');
        const received = receive(method, requests, call);
        return overWire(async () => (call.isOver ? never() : copyResponse(method, await bound.handle(received, call.context))));
      });
    },
    serverStream(method, request, options) {
      return respond(method, options, (call) => find(method.path, 'serverStream').handle(copyRequest(method, request), call.context));
    },
    duplex(method, requests, options) {
      return respond(method, options, (call) => find(method.path, 'duplex').handle(receive(method, requests, call), call.context));
    },
    async close() {
      closed = true;
      for (const call of calls) call.cancel(closedError());
    },
  };

  async function answer<Res>(options: CallOptions | undefined, run: (call: LocalCall) => Promise<Res>): Promise<Res> {
    const call = open(options);
    try {
      const cancelled = new Promise<never>((_, reject) => call.onCancel(reject));
      return await Promise.race([cancelled, Promise.resolve().then(() => run(call))]);
    } finally {
      call.finish();
    }
  }

  function respond<Req, Res>(method: MethodDefinition<Req, Res>, options: CallOptions | undefined, run: (call: LocalCall) => AsyncIterable<unknown>): AsyncIterable<Res> {
    return {
      [Symbol.asyncIterator]() {
        const call = openOrFail();
        if (call instanceof ParamoError) return failed(call);
        const responses = createChannel<Res>(streamCapacity, () => call.cancel(leftError()));
        call.onCancel((error) => responses.cancel(error));
        void pump(
          overWire(async () => (call.isOver ? empty() : run(call))),
          responses,
          call,
          (message) => copyResponse(method, message),
        );
        return responses[Symbol.asyncIterator]();
      },
    };
    function openOrFail(): LocalCall | ParamoError {
      try {
        return open(options);
      } catch (error) {
        return error as ParamoError;
      }
    }
  }
}

/** The requests as the handler sees them; they stop with an error when the caller goes away. */
function receive<Req, Res>(method: MethodDefinition<Req, Res>, requests: AsyncIterable<Req>, call: LocalCall): AsyncIterable<Req> {
  const received = createChannel<Req>(streamCapacity, () => undefined);
  call.onCancel((error) => received.cancel(error));
  const iterator = requests[Symbol.asyncIterator]();
  call.onOver(() => void giveBack(iterator));
  void (async () => {
    try {
      for (;;) {
        const next = await iterator.next();
        if (call.isOver) return;
        if (next.done) return received.end();
        // A handler that has left its requests takes no more; they are given back when the call is over.
        if (!(await received.push(copyRequest(method, next.value)))) return;
      }
    } catch (error) {
      call.cancel(fromServiceError(error));
    }
  })();
  return received;
}

/** Moves what the handler yields into `responses`, as fast as these are taken. */
async function pump<Res>(started: Promise<AsyncIterable<unknown>>, responses: Channel<Res>, call: LocalCall, copy: (message: unknown) => Res): Promise<void> {
  try {
    const iterator = (await started)[Symbol.asyncIterator]();
    call.onOver(() => void giveBack(iterator));
    for (;;) {
      const next = await overWire(() => iterator.next());
      if (call.isOver) return;
      if (next.done) break;
      if (!(await responses.push(copy(next.value)))) return;
    }
    call.finish();
    responses.end();
  } catch (error) {
    call.finish();
    responses.fail(fromServiceError(error));
  }
}

/** Runs `handle`; what it throws crosses the wire. */
async function overWire<T>(handle: () => Promise<T>): Promise<T> {
  try {
    return await handle();
  } catch (error) {
    const { code, details, metadata } = toServiceError(error);
    throw fromServiceError({ code, details, metadata: metadata.clone() });
  }
}

function copyRequest<Req, Res>(method: MethodDefinition<Req, Res>, request: Req): Req {
  return method.requestDeserialize(method.requestSerialize(request));
}

function copyResponse<Req, Res>(method: MethodDefinition<Req, Res>, response: unknown): Res {
  return method.responseDeserialize(method.responseSerialize(response as Res));
}

async function giveBack(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The call is over; nobody is left to be told.
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

async function* empty(): AsyncGenerator<never> {}

function failed(error: ParamoError): AsyncIterator<never> {
  return { next: () => Promise.reject(error) };
}

function closedError(): ParamoError {
  return new ParamoError({ code: 'ABORTED', message: 'the transport was closed', hint: 'Open a new connection.' });
}

function leftError(): ParamoError {
  return new ParamoError({ code: 'ABORTED', message: 'the caller left the stream', hint: 'Nothing to do when this was meant.' });
}
