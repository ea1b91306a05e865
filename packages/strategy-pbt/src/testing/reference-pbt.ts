import type { Random } from '@paramo/core';
import { createRandom } from '@paramo/core';
import { trainOneStep } from './moving-optimum.js';

/** A population to simulate on the moving optimum. */
export interface ReferenceSetup {
  readonly seed: number;
  readonly steps: number;
  /** Default 8. */
  readonly members?: number;
  /** Steps between two comparisons. Default 4; 0: none ever. */
  readonly every?: number;
  /** Default 0.25. */
  readonly quantile?: number;
  /** Default 0.25. */
  readonly resample?: number;
}

interface Place {
  accuracy: number;
  rate: number;
}

const low = 1e-4;
const high = 0.02;

/**
 * Synchronous population-based training on the moving optimum, written apart from the plugin to compare it with: all
 * members take a step; every so many steps the worst quantile copies members of the best quantile, drawn evenly, and
 * changes the rate: drawn anew with probability `resample`, else × 0.8 or × 1.2. Answers the best accuracy in the
 * population after each step.
 */
export function simulateReference({ seed, steps, members = 8, every = 4, quantile = 0.25, resample = 0.25 }: ReferenceSetup): Float64Array {
  const random = createRandom('reference', seed);
  const anyRate = (): number => low + (high - low) * random.next();
  const places = Array.from({ length: members }, (): Place => ({ accuracy: 0, rate: anyRate() }));
  const best = new Float64Array(steps);
  for (let step = 0; step < steps; step++) {
    for (const place of places) place.accuracy = trainOneStep(place.accuracy, place.rate, random.next(), random.normal());
    best[step] = Math.max(...places.map(({ accuracy }) => accuracy));
    if (every > 0 && (step + 1) % every === 0) exploit(places, Math.floor(quantile * members), random, (rate) => {
      if (random.next() < resample) return anyRate();
      return Math.min(high, Math.max(low, rate * (random.next() < 0.5 ? 0.8 : 1.2)));
    });
  }
  return best;
}

function exploit(places: Place[], size: number, random: Random, explore: (rate: number) => number): void {
  const order = places.map((_, index) => index).sort((a, b) => places[b]!.accuracy - places[a]!.accuracy || a - b);
  const donors = order.slice(0, size).map((index) => ({ ...places[index]! }));
  for (const index of order.slice(order.length - size)) {
    const donor = random.pick(donors);
    places[index] = { accuracy: donor.accuracy, rate: explore(donor.rate) };
  }
}
