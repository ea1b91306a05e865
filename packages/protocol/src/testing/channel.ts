/**
 * A bounded queue between one producer and one consumer. What was pushed before `end` or `fail` is delivered first;
 * `cancel` throws away what waits.
 */
export interface Channel<T> extends AsyncIterable<T> {
  /** Resolves when there is room for another: true, or false once the consumer is gone and nothing is taken any more. */
  push(value: T): Promise<boolean>;
  /** Ends the iteration after what was pushed. */
  end(): void;
  /** Ends the iteration with `error` after what was pushed. */
  fail(error: Error): void;
  /** Ends the iteration with `error` at once. */
  cancel(error: Error): void;
}

interface Reader<T> {
  resolve(result: IteratorResult<T>): void;
  reject(error: Error): void;
}

/** An empty channel for `capacity` values; `onLeave` is called when the consumer stops early or has seen the end. */
export function createChannel<T>(capacity: number, onLeave: () => void): Channel<T> {
  const values: T[] = [];
  let readers: Reader<T>[] = [];
  let writers: (() => void)[] = [];
  let ending: { readonly error?: Error } | undefined;
  let left = false;

  const wakeWriters = (): void => {
    const waiting = writers;
    writers = [];
    for (const wake of waiting) wake();
  };
  const leave = (): void => {
    if (left) return;
    left = true;
    values.length = 0;
    wakeWriters();
    onLeave();
  };
  const finish = (error?: Error): void => {
    if (ending || left) return;
    ending = error ? { error } : {};
    const waiting = readers;
    readers = [];
    // Who waits has seen all values; the first of them is told of the error, as with a generator.
    waiting.forEach((reader, i) => (error && i === 0 ? reader.reject(error) : reader.resolve({ done: true, value: undefined })));
    if (waiting.length > 0) leave();
  };

  const iterator: AsyncIterator<T> = {
    next() {
      if (values.length > 0) {
        const value = values.shift()!;
        wakeWriters();
        return Promise.resolve({ done: false, value });
      }
      if (left || ending) {
        const error = left ? undefined : ending?.error;
        leave();
        return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
      }
      return new Promise((resolve, reject) => readers.push({ resolve, reject }));
    },
    return() {
      finish();
      leave();
      return Promise.resolve({ done: true, value: undefined });
    },
  };

  return {
    [Symbol.asyncIterator]: () => iterator,
    async push(value) {
      if (left || ending) return false;
      const reader = readers.shift();
      if (reader) {
        reader.resolve({ done: false, value });
        return true;
      }
      values.push(value);
      while (values.length >= capacity && !left) await new Promise<void>((wake) => writers.push(wake));
      return !left;
    },
    end: () => finish(),
    fail: (error) => finish(error),
    cancel(error) {
      if (left) return;
      values.length = 0;
      if (ending) ending = { error };
      else finish(error);
      wakeWriters();
    },
  };
}
