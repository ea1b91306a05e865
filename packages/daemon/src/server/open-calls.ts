import { ServerInterceptingCall } from '@grpc/grpc-js';
import type { ServerInterceptor } from '@grpc/grpc-js';
import type { CancelTimer, Clock } from '@paramo/core';
import { ParamoError } from '@paramo/core';
import { failureStatus } from './failure-status.js';
import type { ServerLimits } from '../limits.js';
import type { Connection } from './traffic.js';

type NextCall = ConstructorParameters<typeof ServerInterceptingCall>[0];
type Listener = Parameters<ServerInterceptingCall['start']>[0];
type Status = Parameters<ServerInterceptingCall['sendStatus']>[0];

// When a call is cancelled, Node's HTTP/2 clients half-close its stream and reset it some milliseconds later. Without this
// wait after a half-close an upload that was cut off would nearly always seem complete; handlers check size and hash for
// the rest.
const resetMs = 20;

/** The calls a server has in hand, and the power to end them. */
export interface OpenCalls {
  /** Takes every call of a connection in hand; to be the innermost interceptor after authentication. */
  interceptor(connection: Connection): ServerInterceptor;
  /** Remembers the size of a request until it is handed on. */
  noteSize(message: object, bytes: number): void;
  /** Ends calls that stream responses, which would never end by themselves. */
  endStreams(error: ParamoError): void;
  /** Ends all calls. */
  endAll(error: ParamoError): void;
}

/** Keeps the deadlines of `limits`: requests that arrive too slowly and unary calls that take too long end with TIMEOUT. */
export function createOpenCalls(limits: ServerLimits, clock: Clock): OpenCalls {
  const open = new Set<OpenCall>();
  const sizes = new WeakMap<object, number>();
  const end = (calls: readonly OpenCall[], error: ParamoError): void => {
    for (const call of calls) call.fail(error);
  };
  return {
    interceptor: (connection) => (method, call) => new OpenCall(call, { method, limits, clock, open, connection, sizes }),
    noteSize: (message, bytes) => void sizes.set(message, bytes),
    endStreams: (error) => end([...open].filter((call) => call.responseStream), error),
    endAll: (error) => end([...open], error),
  };
}

interface OpenCallOptions {
  readonly method: { readonly requestStream: boolean; readonly responseStream: boolean };
  readonly limits: ServerLimits;
  readonly clock: Clock;
  readonly open: Set<OpenCall>;
  readonly connection: Connection;
  readonly sizes: WeakMap<object, number>;
}

/** One call. Once it failed here, what its handler still says is dropped, for grpc-js would write after the end. */
class OpenCall extends ServerInterceptingCall {
  readonly #options: OpenCallOptions;
  readonly #timers: CancelTimer[] = [];
  #stopWaiting: CancelTimer = () => {};
  #listener: Listener | undefined;
  #over = false;

  constructor(next: NextCall, options: OpenCallOptions) {
    super(next);
    this.#options = options;
  }

  get responseStream(): boolean {
    return this.#options.method.responseStream;
  }

  override start(listener: Listener): void {
    this.#listener = listener;
    const { requestStream } = this.#options.method;
    super.start({
      onReceiveMetadata: (metadata) => {
        const refusal = this.#options.connection.admit(this);
        if (refusal) return this.sendStatus(failureStatus(refusal));
        this.#begin();
        listener.onReceiveMetadata(metadata);
      },
      onReceiveMessage: (message) => {
        const { connection, sizes } = this.#options;
        connection.took(sizes.get(message as object) ?? 0);
        if (requestStream) this.#stopWaiting();
        listener.onReceiveMessage(message);
      },
      onReceiveHalfClose: () => {
        this.#stopWaiting();
        if (!requestStream) return listener.onReceiveHalfClose();
        this.#timers.push(this.#options.clock.setTimer(resetMs, () => {
          // Asked to read, grpc-js looks whether the stream was reset, and says so on the next tick.
          super.startRead();
          process.nextTick(() => {
            if (!this.#over) listener.onReceiveHalfClose();
          });
        }));
      },
      onCancel: () => {
        this.#end();
        listener.onCancel();
      },
    });
  }

  override sendMessage(message: unknown, callback: () => void): void {
    if (!this.#over) super.sendMessage(message, callback);
  }

  override sendStatus(status: Status): void {
    if (this.#over) return;
    this.#end();
    super.sendStatus(status);
  }

  fail(error: ParamoError): void {
    if (this.#over) return;
    this.sendStatus(failureStatus(error));
    this.#listener?.onCancel();
  }

  #begin(): void {
    const { method, limits, clock, open } = this.#options;
    open.add(this);
    const waitMs = method.requestStream ? limits.firstMessageMs : limits.requestMs;
    this.#stopWaiting = clock.setTimer(waitMs, () => this.fail(lateRequest(waitMs, method.requestStream)));
    if (!method.requestStream && !method.responseStream) {
      this.#timers.push(clock.setTimer(limits.unaryMs, () => this.fail(lateResponse(limits.unaryMs))));
    }
    // grpc-js ends the call by itself, but goes on to take messages for it: the handler has to hear of it here.
    const deadlineMs = Number(this.getDeadline());
    if (Number.isFinite(deadlineMs)) {
      // Its deadline is the time left, as the caller sent it, added to Date.now() a moment ago.
      this.#timers.push(clock.setTimer(deadlineMs - Date.now(), () => this.fail(passedDeadline())));
    }
  }

  #end(): void {
    this.#over = true;
    this.#options.open.delete(this);
    this.#options.connection.release(this);
    this.#stopWaiting();
    for (const cancel of this.#timers) cancel();
  }
}

function lateRequest(waitMs: number, stream: boolean): ParamoError {
  return new ParamoError({
    code: 'TIMEOUT',
    message: stream ? `no message came within ${waitMs} ms of the opening of the stream` : `the request did not arrive in full within ${waitMs} ms`,
    hint: stream ? 'Open the stream when there is something to send, or begin with a heartbeat.' : 'Send the request at once.',
  });
}

function lateResponse(unaryMs: number): ParamoError {
  return new ParamoError({ code: 'TIMEOUT', message: `the daemon did not answer within ${unaryMs} ms`, hint: 'Try again; `paramo doctor` shows what the daemon is doing.' });
}

function passedDeadline(): ParamoError {
  return new ParamoError({ code: 'TIMEOUT', message: 'the deadline that the caller set has passed', hint: 'Try again, or allow more time.' });
}
