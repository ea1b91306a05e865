const multipliers = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93] as const;
const laneRotations = [15, 16, 17, 18] as const;
const stateRotations = [19, 17, 15, 13] as const;
const additions = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17] as const;

/**
 * MurmurHash3_x86_128 of the bytes (A. Appleby, public domain): four words whose bits all depend on all of the input.
 * Not a cryptographic hash.
 */
export function murmur3(bytes: Uint8Array, seed: number): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const h = new Uint32Array(4).fill(seed);
  const blocks = bytes.length >>> 4;
  for (let block = 0; block < blocks; block++) {
    for (let lane = 0; lane < 4; lane++) {
      const mixed = rotateLeft(h[lane]! ^ mixLane(view.getUint32(16 * block + 4 * lane, true), lane), stateRotations[lane]!);
      h[lane] = Math.imul(mixed + h[(lane + 1) % 4]!, 5) + additions[lane]!;
    }
  }
  for (let lane = 0; lane < 4; lane++) h[lane] = h[lane]! ^ mixLane(tailWord(bytes, 16 * blocks + 4 * lane), lane) ^ bytes.length;
  spread(h);
  for (let lane = 0; lane < 4; lane++) h[lane] = finish(h[lane]!);
  spread(h);
  return h;
}

/** The up to four bytes at `from`, the first one lowest; what lies past the end is 0, and 0 mixes to 0. */
function tailWord(bytes: Uint8Array, from: number): number {
  let word = 0;
  for (let i = 3; i >= 0; i--) word = (word << 8) | (bytes[from + i] ?? 0);
  return word;
}

function mixLane(word: number, lane: number): number {
  return Math.imul(rotateLeft(Math.imul(word, multipliers[lane]!), laneRotations[lane]!), multipliers[(lane + 1) % 4]!);
}

function spread(h: Uint32Array): void {
  h[0] = h[0]! + h[1]! + h[2]! + h[3]!;
  for (let lane = 1; lane < 4; lane++) h[lane] = h[lane]! + h[0];
}

function finish(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function rotateLeft(x: number, count: number): number {
  return (x << count) | (x >>> (32 - count));
}
