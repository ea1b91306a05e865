import type { MethodDefinition } from '@grpc/grpc-js';
import { ParamoError } from '@paramo/core';
import { fromServiceError, toServiceError } from '@paramo/protocol';
import type { BoundMethod, CallOptions, ServiceBinding, Transport } from '@paramo/protocol';
import { createMailbox } from './mailbox.js';
import type { SimulatedProcess } from './process.js';
import type { Schedule } from './schedule.js';
import { createCall } from './wire-call.js';
import type { CallerEnd, WireCall } from './wire-call.js';

/** A daemon as the network sees it. */
export interface WireServer {
  readonly process: SimulatedProcess;
  readonly bindings: readonly ServiceBinding[];
}

/** Sees every message as it leaves its sender, whatever becomes of it. */
export interface WireTap {
  /** A client sends a request. `call` numbers the calls of a run. */
  request(client: string, method: string, message: unknown, call: number): void;
  /** The daemon answers: from here on it must keep its word. */
  answer(client: string, method: string, message: unknown, call: number): void;
  /** The daemon refuses. */
  refusal(client: string, method: string, error: ParamoError, call: number): void;
  /** Something goes wrong with a message or a connection. */
  fault(client: string, what: string): void;
}

/** What becomes of a message on its way. */
export type Fate = 'arrives' | 'arrives twice' | 'is overtaken' | 'is lost';

/** One connection. */
export interface Wire {
  readonly transport: Transport;
  /** Whether calls are open. */
  readonly isBusy: boolean;
  /** Ends it; each end is told after a while, if it still lives. What is under way is lost. */
  breakOff(): void;
}

/** What a connection runs on. */
export interface WireOptions {
  readonly client: SimulatedProcess;
  readonly server: WireServer;
  readonly schedule: Schedule;
  readonly tap: WireTap;
  /** Draws how long a message takes. */
  latencyMs(): number;
  /** Takes a message that was `delayMs` under way to its end of the connection. */
  carry(way: 'up' | 'down', delayMs: number, deliver: () => void): void;
  requestFate(method: string, bytes: Uint8Array): Fate;
  answerFate(method: string): Fate;
  /** Numbers the calls of a run. */
  nextCall(): number;
  onBroken(): void;
}

/** A message that is to be overtaken waits for the next one so long. */
const overtakeMs = 200;

/** Opens a connection between two living processes. */
export function openWire({ client, server: { process: daemon, bindings }, schedule, tap, latencyMs, carry, requestFate, answerFate, nextCall, onBroken }: WireOptions): Wire {
  const open = new Set<WireCall>();
  let isBroken = false;
  let isClosed = false;

  function send(call: WireCall, way: 'up' | 'down', deliver: () => void): void {
    if (isBroken) return;
    const lane = call[way];
    lane.lastMs = Math.max(lane.lastMs, schedule.nowMs + latencyMs());
    const receiver = way === 'up' ? daemon : client;
    carry(way, lane.lastMs - schedule.nowMs, () => {
      if (!isBroken) receiver.run(deliver);
    });
  }
  function breakOff(): void {
    if (isBroken) return;
    isBroken = true;
    onBroken();
    // The system tells each living end within a moment.
    for (const call of open) {
      schedule.after(latencyMs(), () => client.run(() => call.fail(lost())));
      schedule.after(latencyMs(), () => daemon.run(() => call.abandon(gone())));
    }
  }
  function openCall<Req, Res>(method: MethodDefinition<Req, Res>, options: CallOptions | undefined, caller: Omit<CallerEnd, 'onOver'>): WireCall {
    const leave = (error: ParamoError): void => {
      call.fail(error);
      send(call, 'up', () => call.abandon(gone()));
    };
    const onAbort = (): void => leave(aborted(options?.signal?.reason));
    const { timeoutMs } = options ?? {};
    const cancelTimer = timeoutMs === undefined ? undefined : client.clock.setTimer(timeoutMs, () => leave(timeout(timeoutMs)));
    const call = createCall(nextCall(), method as unknown as MethodDefinition<unknown, unknown>, {
      ...caller,
      onOver() {
        cancelTimer?.();
        options?.signal?.removeEventListener('abort', onAbort);
        open.delete(call);
      },
    });
    open.add(call);
    if (isClosed) call.fail(closedError());
    else if (options?.signal?.aborted) call.fail(aborted(options.signal.reason));
    else if (isBroken) call.fail(lost());
    else options?.signal?.addEventListener('abort', onAbort);
    return call;
  }

  /** The daemon's end: hands the call to its handler and sends what that answers. */
  async function serve(call: WireCall, first?: Uint8Array): Promise<void> {
    const context = { signal: call.served.signal, peer: client.name };
    try {
      const bound = findMethod(bindings, call.method.path);
      const request = first && bound.definition.requestDeserialize(Buffer.from(first));
      if (bound.kind === 'unary') respond(call, await bound.handle(request, context));
      else if (bound.kind === 'clientStream') respond(call, await bound.handle(call.requests, context));
      else {
        const iterator = (bound.kind === 'serverStream' ? bound.handle(request, context) : bound.handle(call.requests, context))[Symbol.asyncIterator]();
        context.signal.addEventListener('abort', () => void iterator.return?.()?.catch(() => undefined));
        for (let next = await iterator.next(); !next.done && !context.signal.aborted; next = await iterator.next()) {
          respond(call, next.value);
          await call.down.room();
        }
      }
      if (daemon.isAlive) send(call, 'down', () => call.finish());
    } catch (thrown) {
      refuse(call, thrown);
    } finally {
      call.served.abort();
      call.requests.end();
    }
  }
  function respond(call: WireCall, response: unknown): void {
    // A dead process says nothing, and one that was told of the loss of the connection has nobody to say it to.
    if (!daemon.isAlive || call.served.signal.aborted) return;
    const { path } = call.method;
    const bytes = call.method.responseSerialize(response);
    tap.answer(client.name, path, call.method.responseDeserialize(Buffer.from(bytes)), call.id);
    call.down.sent();
    if (!isBroken && answerFate(path) === 'is lost') {
      tap.fault(client.name, `the connection broke under the answer of call ${call.id}`);
      breakOff();
    } else send(call, 'down', () => call.respond(bytes));
  }
  function refuse(call: WireCall, thrown: unknown): void {
    if (!daemon.isAlive || call.served.signal.aborted) return;
    const { code, details, metadata } = toServiceError(thrown);
    const error = fromServiceError({ code, details, metadata: metadata.clone() });
    tap.refusal(client.name, call.method.path, error, call.id);
    send(call, 'down', () => call.finish(error));
  }

  /** The caller's end: sends one request, whatever becomes of it on the way. Returns what lets one go that waits to be overtaken. */
  function request(call: WireCall, message: unknown, deliver: (bytes: Uint8Array) => void): (() => void) | undefined {
    const { path } = call.method;
    const bytes = call.method.requestSerialize(message);
    tap.request(client.name, path, call.method.requestDeserialize(Buffer.from(bytes)), call.id);
    call.up.sent();
    const fate = requestFate(path, bytes);
    if (fate !== 'arrives') tap.fault(client.name, `a request of call ${call.id} ${fate}`);
    if (fate === 'is lost') return void breakOff();
    const go = (): void => send(call, 'up', () => deliver(bytes));
    if (fate === 'is overtaken') return go;
    go();
    if (fate === 'arrives twice') {
      call.up.sent();
      go();
    }
    return undefined;
  }
  async function pump(call: WireCall, requests: AsyncIterable<unknown>): Promise<void> {
    const iterator = requests[Symbol.asyncIterator]();
    let waiting: (() => void) | undefined;
    const letGo = (): void => {
      waiting?.();
      waiting = undefined;
    };
    try {
      for (;;) {
        const next = await Promise.race([iterator.next(), call.ended]);
        if (next === 'over') return void iterator.return?.()?.catch(() => undefined);
        if (next.done) break;
        const overtaken = request(call, next.value, (bytes) => call.requests.push(call.method.requestDeserialize(Buffer.from(bytes))));
        letGo();
        waiting = overtaken;
        if (overtaken) client.clock.setTimer(overtakeMs, letGo);
        await Promise.race([call.up.room(), call.ended]);
      }
      letGo();
      send(call, 'up', () => call.requests.end());
    } catch (error) {
      call.fail(fromServiceError(error));
      send(call, 'up', () => call.abandon(gone()));
    }
  }
  function begin(call: WireCall, requests: AsyncIterable<unknown>): void {
    if (call.isOver) return;
    send(call, 'up', () => void serve(call));
    void pump(call, requests);
  }
  function ask(call: WireCall, message: unknown): void {
    // One that nothing can overtake arrives.
    if (!call.isOver) request(call, message, (bytes) => void serve(call, bytes))?.();
  }

  function single<Req, Res>(method: MethodDefinition<Req, Res>, options: CallOptions | undefined, start: (call: WireCall) => void): Promise<Res> {
    return new Promise((resolve, reject) => {
      let answer: Uint8Array | undefined;
      start(openCall(method, options, {
        respond: (bytes) => void (answer = bytes),
        finish: (error) => (error ?? !answer ? reject(error ?? lost()) : resolve(method.responseDeserialize(Buffer.from(answer!)))),
        fail: reject,
      }));
    });
  }
  function many<Req, Res>(method: MethodDefinition<Req, Res>, options: CallOptions | undefined, start: (call: WireCall) => void): AsyncIterable<Res> {
    return {
      [Symbol.asyncIterator]() {
        const responses = createMailbox<Res>({
          onRead: () => call.down.read(),
          onLeave() {
            call.fail(aborted(undefined));
            send(call, 'up', () => call.abandon(gone()));
          },
        });
        const call = openCall(method, options, { respond: (bytes) => responses.push(method.responseDeserialize(Buffer.from(bytes))), finish: responses.end, fail: responses.fail });
        start(call);
        return responses[Symbol.asyncIterator]();
      },
    };
  }

  const transport: Transport = {
    unary: (method, message, options) => single(method, options, (call) => ask(call, message)),
    clientStream: (method, requests, options) => single(method, options, (call) => begin(call, requests)),
    serverStream: (method, message, options) => many(method, options, (call) => ask(call, message)),
    duplex: (method, requests, options) => many(method, options, (call) => begin(call, requests)),
    async close() {
      isClosed = true;
      for (const call of [...open]) {
        call.fail(closedError());
        send(call, 'up', () => call.abandon(gone()));
      }
    },
  };
  return {
    transport,
    get isBusy() {
      return open.size > 0;
    },
    breakOff,
  };
}

/** The method of a path. @throws ParamoError DAEMON_VERSION. */
export function findMethod(bindings: readonly ServiceBinding[], path: string): BoundMethod {
  for (const { methods } of bindings) for (const method of methods) if (method.definition.path === path) return method;
  throw new ParamoError({ code: 'DAEMON_VERSION', message: `no handler for ${path}`, hint: 'Update the daemon.' });
}

function gone(): ParamoError {
  return new ParamoError({ code: 'ABORTED', message: 'the caller went away' });
}

function lost(): ParamoError {
  return new ParamoError({ code: 'UNAVAILABLE', message: 'the simulated connection broke', hint: 'Open another.' });
}

function aborted(cause: unknown): ParamoError {
  return new ParamoError({ code: 'ABORTED', message: 'the call was given up by its caller', hint: 'Nothing to do when this was meant.', cause });
}

function timeout(ms: number): ParamoError {
  return new ParamoError({ code: 'TIMEOUT', message: `no answer within ${ms} ms`, hint: 'Try again, or allow more time.' });
}

function closedError(): ParamoError {
  return new ParamoError({ code: 'ABORTED', message: 'the transport was closed', hint: 'Open a new connection.' });
}
