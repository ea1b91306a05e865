import { ParamoError } from '@paramo/core';
import type { Connection } from './connect.js';
import { onInterrupt } from './interrupts.js';

/** Waits for `work`, aborting it when the signal or the process's own signals say so. */
export async function interruptible(
  connection: Connection,
  work: { readonly done: Promise<void>; abort(error: ParamoError): Promise<void> },
  { signal, signals, what }: { readonly signal: AbortSignal | undefined; readonly signals: boolean; readonly what: string },
): Promise<void> {
  const onAbort = (): void => void work.abort(aborted(`the ${what} was aborted`, signal?.reason));
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  let terminating = false;
  const release = signals
    ? onInterrupt(connection.clock, async (name) => {
        terminating = name === 'SIGTERM';
        await work.abort(aborted(`the ${what} was interrupted by ${name}`));
        if (terminating) await connection.close();
      })
    : undefined;
  try {
    await work.done;
  } finally {
    // The process is about to end with its own exit code; an error thrown now would end it with another.
    if (terminating) await new Promise(() => undefined);
    signal?.removeEventListener('abort', onAbort);
    release?.();
  }
}

function aborted(message: string, cause?: unknown): ParamoError {
  return new ParamoError({ code: 'ABORTED', message, hint: 'Its running trials were given back; run it again to go on from there.', cause });
}
