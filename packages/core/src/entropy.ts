/** Unpredictable bytes: ids, tokens, seeds and jitter come from here, and from nowhere else. */
export interface Entropy {
  /** `count` fresh bytes. */
  bytes(count: number): Uint8Array;
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID: 48 bits of `wallMs`, then 80 bits of entropy, in 26 characters that sort by time. */
export function createUlid(wallMs: number, entropy: Entropy): string {
  let time = Math.max(0, Math.floor(wallMs)) % 2 ** 48;
  let head = '';
  for (let i = 0; i < 10; i++) {
    head = crockford[time % 32]! + head;
    time = Math.floor(time / 32);
  }
  let tail = '';
  for (const byte of entropy.bytes(16)) tail += crockford[byte % 32]!;
  return head + tail;
}

/** A seed in 0 … 2^32 − 1. */
export function drawSeed(entropy: Entropy): number {
  const [a, b, c, d] = entropy.bytes(4) as unknown as [number, number, number, number];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

/** A fraction in [0, 1), for jitter. */
export function drawFraction(entropy: Entropy): number {
  return drawSeed(entropy) / 2 ** 32;
}
