import type { Clock } from '@paramo/core';

/** The signals by which a person or a scheduler asks a process to end. */
export type InterruptSignal = 'SIGINT' | 'SIGTERM';

/** Lets go of what is held; resolves when that is done. */
export type InterruptHandler = (signal: InterruptSignal) => Promise<void>;

/** How long a process told to end by SIGTERM may take, in milliseconds. */
const graceMs = 5000;
/** The exit code of a process that a signal ended: 128 and its number. */
const exitCodes: Readonly<Record<InterruptSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

const handlers = new Map<InterruptHandler, Clock>();
let interrupted = false;

/**
 * Calls `handler` when the process is told to end, while it is registered. SIGINT leaves the end of the process to the
 * program (a second one ends it at once); SIGTERM ends it when all handlers are done, after 5 s at the latest. The
 * returned function ends the registration; without any, the process's own handling is back.
 */
export function onInterrupt(clock: Clock, handler: InterruptHandler): () => void {
  if (handlers.size === 0) {
    interrupted = false;
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  }
  handlers.set(handler, clock);
  return () => {
    if (!handlers.delete(handler) || handlers.size > 0) return;
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}

function onSignal(signal: InterruptSignal): void {
  if (interrupted) process.exit(exitCodes[signal]);
  interrupted = true;
  process.exitCode ??= exitCodes[signal];
  // A program that lets the error of the interruption escape would end with 1, as if it had failed.
  process.once('exit', (code) => {
    if (code === 1) process.exitCode = exitCodes[signal];
  });
  const released = Promise.allSettled([...handlers.keys()].map((handler) => handler(signal)));
  if (signal === 'SIGINT') return;
  const exit = (): never => process.exit(exitCodes[signal]);
  for (const clock of handlers.values()) clock.setTimer(graceMs, exit);
  void released.then(exit);
}
