import type { MethodDefinition } from '@grpc/grpc-js';
import type { ParamoError } from '@paramo/core';
import { createMailbox } from './mailbox.js';
import type { Mailbox } from './mailbox.js';

/** One way of a call: its messages arrive in order, and only so many lie between sender and reader. */
export interface Lane {
  /** When the last one sent arrives. */
  lastMs: number;
  /** One more was sent. */
  sent(): void;
  /** One more was read. */
  read(): void;
  /** Resolves when there is room for another. */
  room(): Promise<void>;
}

/** A call with its two ends. */
export interface WireCall {
  readonly id: number;
  readonly method: MethodDefinition<unknown, unknown>;
  readonly up: Lane;
  readonly down: Lane;
  /** Requests that have arrived at the daemon. */
  readonly requests: Mailbox<unknown>;
  /** Aborted when the call is over for the handler. */
  readonly served: AbortController;
  /** Resolves when the call is over for its caller. */
  readonly ended: Promise<'over'>;
  readonly isOver: boolean;
  /** A response has arrived. */
  respond(bytes: Uint8Array): void;
  /** The handler has come to its end, with an error or well. */
  finish(error?: ParamoError): void;
  /** Ends it for its caller at once. */
  fail(error: ParamoError): void;
  /** Ends it for the handler: the caller is not there any more. */
  abandon(error: ParamoError): void;
}

/** What the caller of a call does with what comes. */
export interface CallerEnd {
  respond(bytes: Uint8Array): void;
  finish(error?: ParamoError): void;
  fail(error: ParamoError): void;
  /** Called once when the call is over for its caller. */
  onOver(): void;
}

const capacity = 16;

/** A call that has begun. `id` numbers the calls of a run. */
export function createCall(id: number, method: MethodDefinition<unknown, unknown>, caller: CallerEnd): WireCall {
  const served = new AbortController();
  const up = createLane();
  let tellEnd: (over: 'over') => void = () => undefined;
  const ended = new Promise<'over'>((resolve) => (tellEnd = resolve));
  let isOver = false;
  const settle = (then: () => void): void => {
    if (isOver) return;
    isOver = true;
    caller.onOver();
    then();
    tellEnd('over');
  };
  const requests = createMailbox<unknown>({ onRead: up.read });
  return {
    id, method, up, down: createLane(), requests, served, ended,
    get isOver() {
      return isOver;
    },
    respond: (bytes) => void (isOver || caller.respond(bytes)),
    finish: (error) => settle(() => caller.finish(error)),
    fail: (error) => settle(() => caller.fail(error)),
    abandon(error) {
      requests.fail(error);
      served.abort();
    },
  };
}

function createLane(): Lane {
  let under = 0;
  const waiting: (() => void)[] = [];
  return {
    lastMs: 0,
    sent: () => void under++,
    read() {
      under--;
      for (const wake of waiting.splice(0)) wake();
    },
    async room() {
      while (under >= capacity) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
