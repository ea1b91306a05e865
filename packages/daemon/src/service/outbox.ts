/** Messages on their way to one slow reader. */
export interface Outbox<T> {
  send(message: T): void;
  /** Ends the stream once everything sent was read. */
  end(): void;
  /** Ends the stream with an error. */
  fail(error: unknown): void;
  messages(): AsyncIterable<T>;
}

/** Largest number of messages kept for a reader that does not read; the worker's acks and verdicts come again when it is back. */
const capacity = 10_000;

/** An empty outbox. It ends when `signal` is aborted. */
export function createOutbox<T>(signal: AbortSignal): Outbox<T> {
  const queue: T[] = [];
  let wake = (): void => undefined;
  let over = false;
  let failure: { readonly error: unknown } | undefined;
  const finish = (): void => {
    over = true;
    wake();
  };
  signal.addEventListener('abort', finish);
  return {
    send(message) {
      if (over) return;
      if (queue.length >= capacity) queue.shift();
      queue.push(message);
      wake();
    },
    end: finish,
    fail(error) {
      failure ??= { error };
      finish();
    },
    async *messages() {
      try {
        while (true) {
          const next = queue.shift();
          if (next !== undefined) yield next;
          else if (failure) throw failure.error;
          else if (over) return;
          else await new Promise<void>((resolve) => { wake = resolve; });
        }
      } finally {
        signal.removeEventListener('abort', finish);
      }
    },
  };
}
