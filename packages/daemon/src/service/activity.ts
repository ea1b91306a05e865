import type { Clock } from '@paramo/core';
import type { BoundMethod, ServiceBinding } from '@paramo/protocol';

/** Bindings that note when they were last used. */
export interface WatchedBindings {
  readonly bindings: readonly ServiceBinding[];
  /** How long no call has been under way, in milliseconds; 0 while one is. */
  idleMs(): number;
}

/** Wraps bindings so that the daemon knows when nobody needs it. */
export function watchActivity(bindings: readonly ServiceBinding[], clock: Clock): WatchedBindings {
  let active = 0;
  let lastMs = clock.monotonicMs();
  const begin = (): void => {
    active++;
  };
  const end = (): void => {
    active--;
    lastMs = clock.monotonicMs();
  };

  async function* during<T>(open: () => AsyncIterable<T>): AsyncIterable<T> {
    begin();
    try {
      yield* open();
    } finally {
      end();
    }
  }

  async function whilst<T>(run: () => Promise<T>): Promise<T> {
    begin();
    try {
      return await run();
    } finally {
      end();
    }
  }

  function watched(method: BoundMethod): BoundMethod {
    switch (method.kind) {
      case 'unary': {
        const handle: typeof method.handle = (request, context) => whilst(() => method.handle(request, context));
        return { ...method, handle };
      }
      case 'clientStream': {
        const handle: typeof method.handle = (requests, context) => whilst(() => method.handle(requests, context));
        return { ...method, handle };
      }
      case 'serverStream': {
        const handle: typeof method.handle = (request, context) => during(() => method.handle(request, context));
        return { ...method, handle };
      }
      case 'duplex': {
        const handle: typeof method.handle = (requests, context) => during(() => method.handle(requests, context));
        return { ...method, handle };
      }
    }
  }

  return {
    bindings: bindings.map((binding) => ({ ...binding, methods: binding.methods.map(watched) })),
    idleMs: () => (active > 0 ? 0 : clock.monotonicMs() - lastMs),
  };
}
