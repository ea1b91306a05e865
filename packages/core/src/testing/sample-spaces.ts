import { branch } from '../branch.js';
import { bool, choice, float, int, ordinal } from '../parameter.js';
import type { Space } from '../space.js';
import { space } from '../space.js';

/** A space that conformance cases run on. */
export interface SampleSpace {
  readonly name: string;
  readonly space: Space;
  readonly conditional?: boolean;
}

/** Spaces of every kind, small enough to be searched many times over. */
export function sampleSpaces(): readonly SampleSpace[] {
  return [
    { name: 'continuous', space: space({ x: float(-1, 1), rate: float(1e-5, 1e-1, { log: true }), momentum: float(0.5, 0.999, { log: 'reverse' }) }) },
    { name: 'mixed', space: space({ rate: float(1e-4, 1, { log: true, default: 1e-2 }), drop: float(0, 0.5, { step: 0.25 }), units: int(8, 64, { log: true }), kind: choice(['a', 'b', 'c']), size: ordinal([16, 32, 64]), flag: bool() }) },
    { name: 'finite', space: space({ kind: choice(['a', 'b', 'c']), flag: bool(), layers: int(1, 3) }) },
    { name: 'single-point', space: space({ only: choice(['a']) }) },
    { name: 'conditional', conditional: true, space: space({ flag: bool() }).and(branch('model', { linear: {}, mlp: { hidden: int(1, 3) }, cnn: { filters: int(1, 2), pool: choice(['max', 'mean']) } })) },
  ];
}
