// The bits of a double and sums and products that keep their rounding error. Byte order is stated, so that every
// machine gives the same.

const cell = new DataView(new ArrayBuffer(8));

/** The upper 32 bits of a double: sign, 11 bits of exponent, 20 of fraction. */
export function highWord(x: number): number {
  cell.setFloat64(0, x);
  return cell.getUint32(0);
}

/** x with its exponent set so that 1 ≤ result < 2. x must be positive and normal. */
export function significand(x: number): number {
  cell.setFloat64(0, x);
  cell.setUint32(0, (cell.getUint32(0) & 0xfffff) | 0x3ff00000);
  return cell.getFloat64(0);
}

/** 2^k for −1022 ≤ k ≤ 1023, exactly. */
export function powerOfTwo(k: number): number {
  cell.setUint32(0, (k + 1023) << 20);
  cell.setUint32(4, 0);
  return cell.getFloat64(0);
}

/** y × 2^k for −1100 ≤ k ≤ 1100, rounded once. */
export function scaleByPowerOfTwo(y: number, k: number): number {
  if (k > 1023) return y * 2 ** 100 * powerOfTwo(k - 100);
  if (k < -1022) return y * powerOfTwo(k + 200) * 2 ** -200;
  return y * powerOfTwo(k);
}

/** A number as the unevaluated sum `high + low`, with about 106 bits. */
export type Double2 = readonly [high: number, low: number];

/** a + b without error (Knuth, TAOCP 2, 4.2.2, theorem B). */
export function exactSum(a: number, b: number): Double2 {
  const sum = a + b;
  const part = sum - a;
  return [sum, a - (sum - part) + (b - part)];
}

/** a × b without error (Dekker 1971, with Veltkamp's splitting). |a| and |b| must stay below 2^996. */
export function exactProduct(a: number, b: number): Double2 {
  const product = a * b;
  const [ah, al] = split(a);
  const [bh, bl] = split(b);
  return [product, al * bl - (product - ah * bh - al * bh - ah * bl)];
}

function split(a: number): Double2 {
  const t = 134217729 * a; // 2^27 + 1
  const high = t - (t - a);
  return [high, a - high];
}
