import type { CancelTimer, Clock } from '@paramo/core';
import type { Death, Endpoint, StartEndpoint } from './endpoint.js';
import type { ThrownFailure, WorkerReply, WorkerRequest } from './messages.js';

/** Why a request has no answer. `lost`: the worker went for another's fault before this request was its turn. */
export type CallFailure = ThrownFailure | Death | { readonly kind: 'timeout' } | { readonly kind: 'lost' };

/** The answer to a request, or why there is none. */
export type Outcome = { readonly value: unknown } | { readonly failure: CallFailure };

/** Requests and answers with one thread or process. */
export interface Channel {
  /** False once the worker is gone; every further request is lost. */
  readonly alive: boolean;
  /**
   * Sends when every request before it is answered, so that whoever loops or dies is known, and nobody's time is used up
   * by waiting for others.
   */
  request(message: WorkerRequest): Promise<Outcome>;
  /** Ends the worker at once; open requests are lost. */
  close(): Promise<void>;
}

/** How a channel is opened. */
export interface ChannelOptions {
  readonly start: StartEndpoint;
  readonly clock: Clock;
  /** For each request, from the moment it is sent. */
  readonly callTimeoutMs: number;
}

interface Pending {
  readonly message: WorkerRequest;
  settle(outcome: Outcome): void;
}

/** Starting says little about a plugin and much about how busy the machine is. */
const startTimeoutMs = 30_000;
/** A deadline is counted in slices, so that a daemon that was itself stopped for a while blames nobody. */
const slices = 4;
const lost: Outcome = { failure: { kind: 'lost' } };

/** Starts a worker and opens a channel to it. */
export function openChannel({ start, clock, callTimeoutMs }: ChannelOptions): Channel {
  const waiting: Pending[] = [];
  let inFlight: Pending | undefined;
  let ready = false;
  let alive = true;
  let cancelDeadline: CancelTimer = () => {};

  function armDeadline(timeoutMs: number, left: number = slices): void {
    cancelDeadline();
    cancelDeadline = clock.setTimer(timeoutMs / slices, () => {
      if (left > 1) return armDeadline(timeoutMs, left - 1);
      void endpoint.kill();
      end(ready ? { kind: 'timeout' } : { kind: 'died', detail: `it did not start within ${startTimeoutMs / 1_000} s` });
    });
  }

  function next(): void {
    if (!ready || !alive || inFlight) return;
    inFlight = waiting.shift();
    if (!inFlight) return;
    armDeadline(callTimeoutMs);
    endpoint.send(inFlight.message);
  }

  function end(reason: CallFailure): void {
    if (!alive) return;
    alive = false;
    cancelDeadline();
    // A worker that never started fails whoever is first in line: else they would try for ever.
    const guilty = inFlight ?? (ready ? undefined : waiting.shift());
    inFlight = undefined;
    guilty?.settle({ failure: reason });
    for (const pending of waiting.splice(0)) pending.settle(lost);
  }

  function onReply(reply: WorkerReply): void {
    if (!alive) return;
    cancelDeadline();
    if ('ready' in reply) ready = true;
    else {
      const answered = inFlight;
      inFlight = undefined;
      answered?.settle(reply);
    }
    next();
  }

  const endpoint: Endpoint = start({ onReply, onDeath: end });
  armDeadline(startTimeoutMs);

  return {
    get alive() {
      return alive;
    },
    request: (message) =>
      new Promise((settle) => {
        if (!alive) return settle(lost);
        waiting.push({ message, settle });
        next();
      }),
    close: async () => {
      end({ kind: 'lost' });
      await endpoint.kill();
    },
  };
}
