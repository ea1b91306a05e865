import { erfc, erfcx, expMinusSquare } from './error-function.js';
import { ln, log1p } from './exponential.js';

const oneOverRootTwoPi = 0.3989422804014327;
const rootHalf = Math.SQRT1_2;

/** The density of the standard normal distribution at z, to 2 ulp. */
export function normalPdf(z: number): number {
  return oneOverRootTwoPi * expMinusSquare(z, 0.5);
}

/** The probability below z of the standard normal distribution, to 5 ulp also in the lower tail. */
export function normalCdf(z: number): number {
  // In the tail the square of z is taken, not that of z √½, whose rounding e^… would magnify.
  if (z < -0.5) return 0.5 * erfcx(-z * rootHalf) * expMinusSquare(z, 0.5);
  return 0.5 * erfc(-z * rootHalf);
}

/** ln normalCdf(z), also where normalCdf underflows: to 1e-15 of its size. */
export function logNormalCdf(z: number): number {
  if (z > -0.5) return log1p(-normalCdf(-z));
  return z === -Infinity ? z : ln(0.5 * erfcx(-z * rootHalf)) - (z / 2) * z;
}

/** A ratio of two polynomials of degree 7, highest power first. */
interface Rational {
  readonly above: readonly number[];
  readonly below: readonly number[];
}

// The coefficients of PPND16: for |p − ½| ≤ 0.425, and for √(−ln p) up to 5 and above.
const central: Rational = {
  above: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987,
    13731.69376550946, 1971.5909503065513, 133.14166789178438, 3.3871328727963665,
  ],
  below: [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597,
    5394.196021424751, 687.1870074920579, 42.31333070160091, 1,
  ],
};
const middle: Rational = {
  above: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
    3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  below: [
    1.0507500716444169e-09, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
    0.6897673349851, 1.6763848301838038, 2.053191626637759, 1,
  ],
};
const tail: Rational = {
  above: [
    2.0103343992922881e-07, 2.7115555687434876e-05, 0.0012426609473880784, 0.026532189526576124,
    0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  below: [
    2.0442631033899397e-15, 1.421511758316446e-07, 1.8463183175100548e-05, 0.0007868691311456133,
    0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
  ],
};

/**
 * The z with normalCdf(z) = p, to about 1e-15 of its size: −Infinity at 0, Infinity at 1, NaN outside. Algorithm AS 241,
 * PPND16 (Wichura, Applied Statistics 37, 1988).
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(central, 0.180625 - q * q);
  const r = Math.sqrt(-ln(q < 0 ? p : 1 - p));
  const z = r <= 5 ? ratio(middle, r - 1.6) : ratio(tail, r - 5);
  return q < 0 ? -z : z;
}

function ratio({ above, below }: Rational, r: number): number {
  return polynomial(above, r) / polynomial(below, r);
}

function polynomial(coefficients: readonly number[], r: number): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * r + coefficient;
  return sum;
}
