import { highWord, powerOfTwo, scaleByPowerOfTwo, significand } from './double.js';

// ln 2 = ln2High + ln2Low, where ln2High has 32 bits, so that k × ln2High is exact for every exponent k.
/** The upper part of ln 2: 32 bits. */
export const ln2High = 0.6931471803691238;
/** What `ln2High` lacks of ln 2. */
export const ln2Low = 1.9082149292705877e-10;
const inverseLn2 = 1.4426950408889634;

/**
 * Natural logarithm, to less than 1 ulp. Only + − × ÷, so every engine gives the same bits.
 *
 * x = 2^k m with ½√2 ≤ m < √2, f = m − 1, s = f / (2 + f); ln m = 2 artanh s (Abramowitz & Stegun 4.1.27).
 */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  const { f, k } = reduce(x);
  return lnReduced(f, k, 0);
}

/** ln(1 + x), to less than 1 ulp also for small x. */
export function log1p(x: number): number {
  if (!(x > -1)) return x === -1 ? -Infinity : NaN;
  if (x === 0 || x === Infinity) return x;
  if (x > -0.29 && x < 0.41) return lnReduced(x, 0, 0);
  const u = 1 + x;
  const lost = x < 1 ? x - (u - 1) : 1 - (u - x);
  const { f, k } = reduce(u);
  return lnReduced(f, k, lost / u);
}

/** e^x, to less than 1 ulp. */
export function exp(x: number): number {
  return expSum(x, 0);
}

/** e^(x + low) for a `low` of at most an ulp of x, to less than 1 ulp. */
export function expSum(x: number, low: number): number {
  if (x !== x) return x;
  if (x > 709.79) return Infinity;
  if (x < -745.14) return 0;
  const k = Math.round(x * inverseLn2);
  const { r, tail } = expReduced(x, k, low);
  return scaleByPowerOfTwo(plus(1, r, tail), k);
}

/** e^x − 1, to less than 1 ulp also for small x. */
export function expm1(x: number): number {
  if (x !== x || x === 0) return x;
  if (x > 709.79) return Infinity;
  if (x < -40) return -1;
  const k = Math.round(x * inverseLn2);
  const { r, tail } = expReduced(x, k, 0);
  if (k === 0) return r + tail;
  if (k > 60) return scaleByPowerOfTwo(plus(1, r, tail), k);
  // 2^k (1 + p) − 1 = 2^k (p + (1 − 2^−k)), where the last difference is exact or its loss is below the result's ulp.
  return scaleByPowerOfTwo(plus(1 - powerOfTwo(-k), r, tail), k);
}

/** x = 2^k (1 + f) with ½√2 ≤ 1 + f < √2, exactly. x must be positive and finite. */
export function reduce(x: number): { readonly f: number; readonly k: number } {
  let k = -1023;
  let normal = x;
  if (highWord(x) < 0x00100000) {
    normal = x * 2 ** 54;
    k -= 54;
  }
  k += highWord(normal) >>> 20;
  const m = significand(normal);
  return m > Math.SQRT2 ? { f: m / 2 - 1, k: k + 1 } : { f: m - 1, k };
}

/** ln(1 + f) + k ln 2 + c. With 2s = f − s f no rounding of s reaches the leading term. */
function lnReduced(f: number, k: number, c: number): number {
  const half = (f * f) / 2;
  const s = f / (2 + f);
  const small = half - (s * (half + artanhTail(s * s)) + (k * ln2Low + c));
  return k === 0 ? f - small : k * ln2High - (small - f);
}

/** 2 (artanh s − s) / s as a series in z = s² ≤ 0.0295: 2z/3 + 2z²/5 + … */
function artanhTail(z: number): number {
  let sum = 2 / 23;
  for (let n = 21; n >= 3; n -= 2) sum = sum * z + 2 / n;
  return sum * z;
}

/** x + low − k ln 2 = r + (a rest in tail), |r| ≤ ½ ln 2; e^(that) − 1 = r + tail (Taylor, 14 terms). */
function expReduced(x: number, k: number, low: number): { readonly r: number; readonly tail: number } {
  const high = x - k * ln2High;
  const lower = k * ln2Low - low;
  const r = high - lower;
  const rest = high - r - lower;
  let sum = inverseFactorials[14]!;
  for (let n = 13; n >= 2; n--) sum = sum * r + inverseFactorials[n]!;
  return { r, tail: sum * r * r + rest * (1 + r) };
}

/** a + r + tail for |a| ≥ |r|, keeping what a + r rounds away. */
function plus(a: number, r: number, tail: number): number {
  const sum = a + r;
  return sum + (r - (sum - a) + tail);
}

/** 1 / n!; each factorial up to 14! is exact. */
const inverseFactorials: readonly number[] = Array.from({ length: 15 }, (_, n) => {
  let factorial = 1;
  for (let i = 2; i <= n; i++) factorial *= i;
  return 1 / factorial;
});
