/** Lets one task at a time through for each key, in the order they came. */
export interface Turns {
  /** Runs `task` when all earlier ones of `key` are settled. */
  take<T>(key: string, task: () => Promise<T>): Promise<T>;
}

/** Turns nobody has taken yet. */
export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    async take(key, task) {
      const mine = (last.get(key) ?? Promise.resolve()).then(task);
      const settled = mine.then(
        () => undefined,
        () => undefined,
      );
      last.set(key, settled);
      try {
        return await mine;
      } finally {
        if (last.get(key) === settled) last.delete(key);
      }
    },
  };
}
