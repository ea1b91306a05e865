/** Messages that have arrived and were not read yet, for one reader. */
export interface Mailbox<T> extends AsyncIterable<T> {
  push(message: T): void;
  /** Ends the reading after what has arrived, with an error if there is one. */
  end(error?: Error): void;
  /** Ends it at once, with an error. */
  fail(error: Error): void;
}

/** Who wants to know what the reader does. */
export interface MailboxOptions {
  /** Called for every message that was read. */
  readonly onRead?: () => void;
  /** Called when the reader goes before the end. */
  readonly onLeave?: () => void;
}

/** An empty mailbox. */
export function createMailbox<T>({ onRead, onLeave }: MailboxOptions = {}): Mailbox<T> {
  const messages: T[] = [];
  let wake = (): void => undefined;
  let ending: { readonly error?: Error } | undefined;

  const end = (error?: Error): void => {
    ending ??= error ? { error } : {};
    wake();
  };
  async function* read(): AsyncGenerator<T, void, undefined> {
    let through = false;
    try {
      for (;;) {
        if (messages.length > 0) {
          const next = messages.shift()!;
          onRead?.();
          yield next;
        } else if (!ending) await new Promise<void>((resolve) => (wake = resolve));
        else {
          through = true;
          if (ending.error) throw ending.error;
          return;
        }
      }
    } finally {
      ending ??= {};
      messages.length = 0;
      if (!through) onLeave?.();
    }
  }
  const reader = read();
  let started = false;

  return {
    push(message) {
      if (ending) return;
      messages.push(message);
      wake();
    },
    end,
    fail(error) {
      messages.length = 0;
      if (!ending?.error) ending = { error };
      wake();
    },
    [Symbol.asyncIterator]: () => ({
      next() {
        started = true;
        return reader.next();
      },
      return() {
        // A generator that waits for a message would never come to hear of it, and one that never began runs no `finally`.
        messages.length = 0;
        if (!ending) {
          end();
          if (!started) onLeave?.();
        }
        return reader.return();
      },
    }),
  };
}
