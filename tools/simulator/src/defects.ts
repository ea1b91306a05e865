import type { Clock } from '@paramo/core';
import type { MemoryStore } from '@paramo/daemon/testing';
import type { ServiceBinding } from '@paramo/protocol';

/** A daemon that is wrong in one way, made at its ports: the checker has to find it out. */
export interface Defect {
  /** What is wrong. */
  readonly what: string;
  /** Replaces parts of the store. */
  readonly store?: (store: MemoryStore) => Partial<MemoryStore>;
  /** Replaces parts of the clock. */
  readonly clock?: (clock: Clock) => Partial<Clock>;
  /** Replaces the services. */
  readonly bindings?: (bindings: readonly ServiceBinding[]) => readonly ServiceBinding[];
}
