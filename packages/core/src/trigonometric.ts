import { exactSum } from './double.js';
import { ParamoError } from './paramo-error.js';

// ½π in four parts: the first three have 33 bits each, so that their products with n < 2^20 are exact (Cody & Waite 1980).
const halfPi1 = 1.5707963267341256;
const halfPi2 = 6.077100506303966e-11;
const halfPi3 = 2.0222662487111665e-21;
const halfPi4 = 8.4784276603689e-32;
const twoOverPi = 0.6366197723675814;

const largest = 1e5;

/** The sine of x radians for |x| ≤ 1e5, to less than 1 ulp. @throws ParamoError INVALID_ARGUMENT beyond. */
export function sin(x: number): number {
  return ofQuadrant(x, 0, 'sin');
}

/** The cosine of x radians for |x| ≤ 1e5, to less than 1 ulp. @throws ParamoError INVALID_ARGUMENT beyond. */
export function cos(x: number): number {
  return ofQuadrant(x, 1, 'cos');
}

/** sin(x + shift ½π). */
function ofQuadrant(x: number, shift: number, name: string): number {
  if (x !== x || Math.abs(x) === Infinity) return NaN;
  if (Math.abs(x) > largest) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `${name}(${x}) is not supported: the argument must lie within ±${largest}` });
  if (Math.abs(x) < 1e-8) return shift === 0 ? x : 1;
  const n = Math.round(x * twoOverPi);
  const [first, lost1] = exactSum(x - n * halfPi1, -n * halfPi2);
  const [second, lost2] = exactSum(first, -n * halfPi3);
  const [r, low] = exactSum(second, lost1 + lost2 - n * halfPi4);
  const quadrant = (n + shift) & 3;
  const size = quadrant % 2 === 0 ? sinReduced(r, low) : cosReduced(r, low);
  return quadrant < 2 ? size : -size;
}

/** sin(r + low) for |r| ≤ ¼π by its Taylor series; `low` is below an ulp of r. */
function sinReduced(r: number, low: number): number {
  const z = r * r;
  return r + (r * z * series(z, 3) + low * (1 - z / 2));
}

/** cos(r + low) for |r| ≤ ¼π; what 1 − ½r² rounds away is put back. */
function cosReduced(r: number, low: number): number {
  const z = r * r;
  const half = z / 2;
  const rest = 1 - half;
  return rest + (1 - rest - half + (z * z * series(z, 4) - r * low));
}

/** ∓1/first! ± z/(first + 2)! ∓ …, where sin starts at 3 and cos at 4. */
function series(z: number, first: 3 | 4): number {
  let sum = 0;
  for (let n = first + 16; n >= first; n -= 2) sum = sum * z + (((n >> 1) & 1) === 0 ? 1 : -1) * inverseFactorials[n]!;
  return sum;
}

const inverseFactorials: readonly number[] = Array.from({ length: 21 }, (_, n) => {
  let factorial = 1;
  for (let i = 2; i <= n; i++) factorial *= i;
  return 1 / factorial;
});
