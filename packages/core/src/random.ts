import { murmur3 } from './murmur3.js';
import { normalQuantile } from './normal.js';
import { ParamoError } from './paramo-error.js';
import { createXoshiro128 } from './xoshiro128.js';

/** A stream of random numbers that depends on its key alone, the same on every engine. */
export interface Random {
  /** Uniform in [0, 1), with 53 bits. */
  next(): number;
  /** Uniform in 0 … 2^32 − 1. */
  uint32(): number;
  /** Uniform in 0 … n − 1, without bias, for 1 ≤ n ≤ 2^53. @throws ParamoError INVALID_ARGUMENT for another n. */
  int(n: number): number;
  /** From the standard normal distribution. */
  normal(): number;
  /** One of the items. @throws ParamoError INVALID_ARGUMENT when there are none. */
  pick<T>(items: readonly T[]): T;
  /** The items in a random order, as a new array. */
  shuffle<T>(items: readonly T[]): T[];
}

/**
 * The stream of a key: the same key gives the same stream, another key an unrelated one. Numbers and strings differ
 * ('1' is not 1), and so do their borders (1, 23 is not 12, 3).
 *
 * The key is hashed with MurmurHash3_x86_128 (Appleby 2011) into the state of xoshiro128** (Blackman & Vigna 2021).
 * @throws ParamoError INVALID_ARGUMENT when a number of the key is NaN.
 */
export function createRandom(...key: readonly (string | number)[]): Random {
  const uint32 = createXoshiro128(murmur3(keyBytes(key), 0));
  const bits53 = (): number => (uint32() >>> 5) * 67108864 + (uint32() >>> 6);
  const int = (n: number): number => {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 53) throw invalid(`int(${n}) of a random stream: ${n} is not a whole number from 1 to 2^53`);
    const small = n <= 2 ** 32;
    // Draws at or above the largest multiple of n would favour the small remainders.
    const limit = small ? 2 ** 32 - (2 ** 32 % n) : 2 ** 53 - (2 ** 53 % n);
    for (;;) {
      const draw = small ? uint32() : bits53();
      if (draw < limit) return draw % n;
    }
  };
  return {
    next: () => bits53() / 2 ** 53,
    uint32,
    int,
    normal: () => normalQuantile((Math.floor(bits53() / 2) + 0.5) / 2 ** 52),
    pick: (items) => {
      if (items.length === 0) throw invalid('pick of a random stream: there is nothing to pick from');
      return items[int(items.length)]!;
    },
    shuffle: <T>(items: readonly T[]): T[] => {
      // Fisher and Yates, from the end (Durstenfeld 1964).
      const order = [...items];
      for (let i = order.length - 1; i > 0; i--) {
        const j = int(i + 1);
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return order;
    },
  };
}

/** Each part as its type, its length and its content; strings as UTF-16, so that no two of them become the same bytes. */
function keyBytes(key: readonly (string | number)[]): Uint8Array {
  const size = key.reduce<number>((sum, part) => sum + (typeof part === 'string' ? 5 + 2 * part.length : 9), 0);
  const view = new DataView(new ArrayBuffer(size));
  let at = 0;
  for (const part of key) {
    if (typeof part === 'string') {
      view.setUint8(at, 1);
      view.setUint32(at + 1, part.length, true);
      for (let i = 0; i < part.length; i++) view.setUint16(at + 5 + 2 * i, part.charCodeAt(i), true);
      at += 5 + 2 * part.length;
    } else {
      if (Number.isNaN(part)) throw invalid('a number in the key of a random stream is NaN');
      view.setUint8(at, 2);
      view.setFloat64(at + 1, part + 0, true); // −0 becomes 0
      at += 9;
    }
  }
  return new Uint8Array(view.buffer);
}

function invalid(message: string): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message });
}
