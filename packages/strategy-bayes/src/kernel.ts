import { exp } from '@paramo/core';

const rootFive = 2.23606797749979;

/** The kernel at one distance, and how it falls. */
export interface KernelValue {
  /** k(r), 1 at r = 0. */
  value: number;
  /** −2 ∂k/∂(r²): with r² = Σ (xⱼ − x′ⱼ)² / ℓⱼ², ∂k/∂xⱼ = −slope (xⱼ − x′ⱼ) / ℓⱼ² and ∂k/∂ln ℓⱼ = slope (xⱼ − x′ⱼ)² / ℓⱼ². */
  slope: number;
}

/**
 * The Matérn kernel of smoothness 5/2 (Rasmussen & Williams 2006, eq. 4.17) at the squared distance r², written to `out`:
 * k = (1 + √5 r + 5/3 r²) e^(−√5 r).
 */
export function matern52(squaredDistance: number, out: KernelValue): void {
  const s = rootFive * Math.sqrt(squaredDistance);
  const decay = exp(-s);
  out.value = (1 + s + (5 / 3) * squaredDistance) * decay;
  out.slope = (5 / 3) * (1 + s) * decay;
}

/**
 * The squared distance of two points along one axis: 0 or 1 between choices (Hamming), the square of the difference
 * between numbers. NaN stands for a parameter that does not exist: 0 where both lack it, 1 where one does.
 */
export function axisDistance(a: number, b: number, hamming: boolean): number {
  if (a === b) return 0;
  if (a !== a) return b !== b ? 0 : 1;
  if (b !== b || hamming) return 1;
  return (a - b) * (a - b);
}
