import type { Entropy } from '../entropy.js';
import { createRandom } from '../random.js';

/** Bytes that follow from `seed` alone, for tests and simulations. Never for tokens. */
export function createSeededEntropy(seed: number): Entropy {
  const random = createRandom('entropy', seed);
  return { bytes: (count) => Uint8Array.from({ length: count }, () => random.int(256)) };
}
