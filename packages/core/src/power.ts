import { exactProduct, exactSum } from './double.js';
import type { Double2 } from './double.js';
import { expSum, ln2High, ln2Low, reduce } from './exponential.js';

/** ⅔ as a sum of two doubles. */
const twoThirds: Double2 = [0.6666666666666666, 3.700743415417188e-17];

/** x^y, to less than 1 ulp, with the special cases of `Math.pow`. */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (x !== x || y !== y) return NaN;
  const size = Math.abs(x);
  if (Math.abs(y) === Infinity) return size === 1 ? NaN : size > 1 === y > 0 ? Infinity : 0;
  const odd = Math.abs(y % 2) === 1;
  if (x === 0 || size === Infinity) {
    const result = size > 0 === y > 0 ? Infinity : 0;
    return odd && (x < 0 || Object.is(x, -0)) ? -result : result;
  }
  if (x < 0 && !Number.isInteger(y)) return NaN;
  const result = positivePower(size, y);
  return x < 0 && odd ? -result : result;
}

/** e^(y ln x) with ln x to about 64 bits, since the exponent multiplies its error. */
function positivePower(x: number, y: number): number {
  if (x === 1) return 1;
  const [high, low] = preciseLn(x);
  const rough = y * high;
  if (rough > 710) return Infinity;
  if (rough < -746) return 0;
  const [product, error] = exactProduct(y, high);
  const [sum, rest] = exactSum(product, error + y * low);
  return expSum(sum, rest);
}

/** ln x as a sum of two doubles: 2 artanh s = 2s + ⅔ s³ + ⅖ s⁵ + … with the first two terms in double length. */
function preciseLn(x: number): Double2 {
  const { f, k } = reduce(x);
  const [d, dLow] = exactSum(2, f);
  const s = f / d;
  const [sd, sdLow] = exactProduct(s, d);
  const sLow = (f - sd - sdLow - s * dLow) / d;
  const [z, zError] = exactProduct(s, s);
  const zLow = zError + 2 * s * sLow;
  const [cube, cubeError] = exactProduct(s, z);
  const cubeLow = cubeError + s * zLow + sLow * z;
  const [third, thirdError] = exactProduct(twoThirds[0], cube);
  const thirdLow = thirdError + twoThirds[0] * cubeLow + twoThirds[1] * cube;
  let fifth = 0;
  for (let n = 25; n >= 5; n -= 2) fifth = fifth * z + 2 / n;
  const [a, aLow] = exactSum(2 * s, third);
  const [b, bLow] = exactSum(k * ln2High, a);
  const [c, cLow] = exactSum(b, k * ln2Low);
  return exactSum(c, cLow + (bLow + (aLow + (2 * sLow + thirdLow + fifth * cube * z))));
}
