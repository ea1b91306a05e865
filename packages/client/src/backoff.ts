import { drawFraction } from '@paramo/core';
import type { Entropy } from '@paramo/core';

const firstMs = 40;
const mostMs = 30_000;

/** How long to wait before try `tries` + 2 (the first wait has `tries` 0): doubling, capped at 30 s, each cut by up to half at random. */
export function backoffMs(tries: number, entropy: Entropy): number {
  const ceiling = Math.min(mostMs, firstMs * 2 ** Math.min(tries, 20));
  return ceiling * (0.5 + 0.5 * drawFraction(entropy));
}
