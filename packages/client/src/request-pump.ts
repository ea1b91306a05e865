/** The sending half of a streaming call. */
export interface RequestSink<Req> {
  write(request: Req): boolean;
  end(): void;
  cancel(): void;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
}

/**
 * Sends `requests` into a call, one at a time and only as fast as the call takes them, then half-closes it. An error of
 * the iterable is told to `onError` and cancels the call. The returned function stops, and returns the iterable.
 */
export function pumpRequests<Req>(requests: AsyncIterable<Req>, call: RequestSink<Req>, onError: (error: unknown) => void): () => void {
  const iterator = requests[Symbol.asyncIterator]();
  let stopped = false;
  let wake: (() => void) | undefined;
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    wake?.();
    void giveBack(iterator);
  };
  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      const go = (): void => {
        call.off('drain', go);
        call.off('close', go);
        resolve();
      };
      wake = go;
      call.once('drain', go);
      call.once('close', go);
    });

  void (async () => {
    try {
      while (!stopped) {
        const next = await iterator.next();
        if (stopped) return;
        if (next.done) {
          stopped = true;
          call.end();
          return;
        }
        if (!call.write(next.value)) await drained();
      }
    } catch (error) {
      if (stopped) return;
      stopped = true;
      onError(error);
      call.cancel();
    }
  })();
  return stop;
}

async function giveBack(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The call is over; nobody is left to be told.
  }
}
