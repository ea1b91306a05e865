import type { Clock } from '@paramo/core';
import type { Transport } from '@paramo/protocol';
import { dialAddress, dialHome } from './dial.js';
import type { Environment } from './home.js';

/** A daemon to reach: the one at an address, or else the one of a home. */
export interface DialTarget {
  readonly home?: string;
  readonly address?: string;
  readonly token?: string;
  /** Whether to start the home's daemon when none runs; true by default. */
  readonly start?: boolean;
}

/** How to reach it: makes sure each time that it answers. */
export function dialerOf({ address, token, home, start = true }: DialTarget, env: Environment, clock: Clock): () => Promise<Transport> {
  if (address) return () => dialAddress({ address, ...(token && { token }) });
  const startDir = process.cwd();
  return () => dialHome({ home: home!, start, startDir, env, clock });
}
