import { sobolDimension, sobolDimensions } from './joe-kuo.js';
import type { PluginContext } from './plugin.js';
import type { PointSequence } from './point-sequence.js';

const bits = 32;

/**
 * The Sobol sequence with Owen's nested uniform scrambling (Owen 1995), from its first point on (Owen 2020, "On
 * dropping the first Sobol' point": dropping it spoils the balance). The first 2^k points have exactly one in every
 * elementary interval of the net, and each point alone is uniform. Dimensions from `sobolDimensions` on, for which there
 * are no direction numbers, get independent draws.
 */
export function createSobolSequence(context: PluginContext): PointSequence {
  const axes = context.space.dimensions.map(({ index: dimension }): ((index: number) => number) => {
    if (dimension >= sobolDimensions) return (index) => context.random('sobol', dimension, index).next();
    const random = context.random('sobol', dimension);
    const directions = sobolDirections(dimension);
    const seeds = [random.uint32(), random.uint32()] as const;
    return (index) => (owenScramble(sobolBits(directions, index), seeds) + 0.5) / 2 ** bits;
  });
  return (index) => Float64Array.from(axes, (coordinate) => coordinate(index));
}

/** The direction numbers of a dimension, from 0: bit k of a point's number flips the bits of the k-th (Joe & Kuo 2008, eq. 2). */
export function sobolDirections(dimension: number): Uint32Array {
  const directions = new Uint32Array(bits);
  if (dimension === 0) return directions.map((_, k) => 2 ** (bits - 1 - k));
  const { a, m } = sobolDimension(dimension);
  const s = m.length;
  for (let k = 0; k < bits; k++) {
    if (k < s) {
      directions[k] = m[k]! * 2 ** (bits - 1 - k);
      continue;
    }
    let v = directions[k - s]! ^ (directions[k - s]! >>> s);
    for (let i = 1; i < s; i++) if ((a >>> (s - 1 - i)) & 1) v ^= directions[k - i]!;
    directions[k] = v;
  }
  return directions;
}

/** A coordinate of the unscrambled point `index` as 32 bits after the binary point. Points come in natural, not in Gray-code order. */
export function sobolBits(directions: Uint32Array, index: number): number {
  let x = 0;
  for (let rest = index >>> 0, k = 0; rest !== 0; rest >>>= 1, k++) if (rest & 1) x ^= directions[k]!;
  return x >>> 0;
}

/** Flips each bit or not, as a coin says that belongs to this bit and all the bits above it. */
export function owenScramble(x: number, [seedA, seedB]: readonly [number, number]): number {
  let scrambled = 0;
  for (let bit = 0; bit < bits; bit++) {
    // The node of the binary tree of prefixes, numbered as in a heap: a 1 and the bits above.
    const node = bit === 0 ? 1 : ((x >>> (bits - bit)) | (1 << bit)) >>> 0;
    const coin = mix(mix(node ^ seedA) ^ seedB) & 1;
    scrambled = (scrambled << 1) | (((x >>> (bits - 1 - bit)) & 1) ^ coin);
  }
  return scrambled >>> 0;
}

/** A bijection of 32-bit numbers in which every bit depends on every bit: the finalizer of MurmurHash3 (Appleby 2011). */
function mix(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
