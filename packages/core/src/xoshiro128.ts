/**
 * The generator xoshiro128** 1.1 as a function that gives the next 32 bits (Blackman & Vigna, "Scrambled linear
 * pseudorandom number generators", ACM TOMS 47, 2021). Period 2^128 − 1.
 */
export function createXoshiro128(state: Uint32Array): () => number {
  let [a, b, c, d] = state as unknown as [number, number, number, number];
  // The all-zero state is the one that never leaves itself.
  if ((a | b | c | d) === 0) d = 1;
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  };
}

function rotateLeft(x: number, count: number): number {
  return (x << count) | (x >>> (32 - count));
}
