import { randomBytes } from 'node:crypto';
import type { Entropy } from '@paramo/core';

/** The operating system's generator. */
export function createSystemEntropy(): Entropy {
  return { bytes: (count) => new Uint8Array(randomBytes(count)) };
}
