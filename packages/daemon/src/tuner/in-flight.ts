/** Values that are on their way to disk: what a decision must know although no reader may be told yet. */
export interface InFlight<Value> {
  /** The newest value of the key that is not on disk yet. */
  get(key: string): Value | undefined;
  /** Keeps a value until `durable` is settled, or a newer one takes its place. */
  add(key: string, value: Value, durable: Promise<unknown>): void;
}

/** Holds nothing yet. */
export function createInFlight<Value>(): InFlight<Value> {
  const entries = new Map<string, { readonly value: Value }>();
  return {
    get: (key) => entries.get(key)?.value,
    add(key, value, durable) {
      const entry = { value };
      entries.set(key, entry);
      const forget = (): void => {
        if (entries.get(key) === entry) entries.delete(key);
      };
      durable.then(forget, forget);
    },
  };
}
