import { randomBytes } from 'node:crypto';
import type { Entropy } from '@paramo/core';

/** The random numbers of this machine, fit for tokens. */
export const systemEntropy: Entropy = {
  bytes: (count) => new Uint8Array(randomBytes(count)),
};
