import { ParamoError } from '@paramo/core';

/** Messages on their way to one slow reader. */
export interface Outbox<T> {
  send(message: T): void;
  /** Ends the stream once everything sent was read. */
  end(): void;
  /** Ends the stream with an error. */
  fail(error: unknown): void;
  messages(): AsyncIterable<T>;
  /** Calls `listener` when it has ended or failed, at once when it has already; returns how to end that. */
  onOver(listener: () => void): () => void;
}

/** Largest number of messages kept for a reader that does not read. */
const capacity = 10_000;

/** An empty outbox. It ends when `signal` is aborted. */
export function createOutbox<T>(signal: AbortSignal): Outbox<T> {
  const queue: T[] = [];
  let wake = (): void => undefined;
  const listeners = new Set<() => void>();
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  const finish = (): void => {
    ended = true;
    wake();
    for (const listener of listeners) listener();
  };
  const outbox: Outbox<T> = {
    onOver(listener) {
      if (ended) listener();
      else listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send(message) {
      if (ended) return;
      queue.push(message);
      if (queue.length > capacity) outbox.fail(new ParamoError({ code: 'UNAVAILABLE', message: `${capacity} messages were not read`, hint: 'Read what the stream answers, and open it again: acks and verdicts come anew.' }));
      wake();
    },
    end: finish,
    fail(error) {
      failure ??= { error };
      queue.length = 0;
      finish();
    },
    async *messages() {
      try {
        while (true) {
          const next = queue.shift();
          if (next !== undefined) yield next;
          else if (failure) throw failure.error;
          else if (ended) return;
          else await new Promise<void>((resolve) => { wake = resolve; });
        }
      } finally {
        signal.removeEventListener('abort', finish);
      }
    },
  };
  if (signal.aborted) finish();
  else signal.addEventListener('abort', finish);
  return outbox;
}
