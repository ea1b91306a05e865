import { exactProduct } from './double.js';
import { expSum } from './exponential.js';

const twoOverRootPi = 1.1283791670955126;

/**
 * Chebyshev coefficients of (1 + 2x) e^(x²) erfc(x) in t = (x − 3.75) / (x + 3.75) on 0 ≤ x < ∞: the form of Shepherd &
 * Laframboise, Math. Comp. 36 (1981); the numbers computed with 50 digits.
 */
const scaledCoefficients: readonly number[] = [
  1.1775789345674017, -0.004590054580646478, -0.08424913336651792, 0.05920993999819189,
  -0.026658668435305753, 0.009074997670705265, -0.002413163540417608, 0.0004907758365258086,
  -6.916973302501207e-05, 4.13902798607301e-06, 7.74038306619849e-07, -2.1886401049234397e-07,
  1.076499946567091e-08, 4.521959811218287e-09, -7.754400208831351e-10, -6.318088340886684e-11,
  2.86879501093067e-11, 1.9455868545777347e-13, -9.65469674843344e-13, 3.25254814814874e-14,
  3.3478119482868056e-14, -1.864562880419313e-15, -1.2507950530688648e-15, 7.418235256624044e-17,
  5.068148904796111e-17, -2.2370566594359995e-18, -2.187342944303018e-18,
];

/** The error function, to 2 ulp. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a < 1) return x * erfSeries(x * x);
  if (a > 6) return Math.sign(x);
  return x > 0 ? 1 - erfc(a) : erfc(a) - 1;
}

/** 1 − erf(x), without the loss of that difference: to 4 ulp down to the smallest normal number. */
export function erfc(x: number): number {
  if (x < 0.5) return x > -1 ? 1 - x * erfSeries(x * x) : 2 - erfc(-x);
  return x > 27.3 ? 0 : erfcx(x) * expMinusSquare(x, 1);
}

/** e^(x²) erfc(x) for x ≥ 0, to 4 ulp; falls off as 1 / (x √π). */
export function erfcx(x: number): number {
  if (x === Infinity) return 0;
  const t = x > 1e100 ? 1 : (x - 3.75) / (x + 3.75);
  // Clenshaw's recurrence.
  let b = 0;
  let above = 0;
  for (let j = scaledCoefficients.length - 1; j > 0; j--) {
    const next = 2 * t * b - above + scaledCoefficients[j]!;
    above = b;
    b = next;
  }
  return (t * b - above + scaledCoefficients[0]!) / (1 + 2 * x);
}

/** e^(−weight x²) for a weight that is a power of two; the rounding error of x² is put back, since e^… would magnify it. */
export function expMinusSquare(x: number, weight: number): number {
  if (Math.abs(x) > 1e4) return 0;
  const [square, error] = exactProduct(x, x);
  return expSum(-weight * square, -weight * error);
}

/** erf(x) / x as a series in z = x² < 1: 2/√π Σ (−z)^n / (n! (2n + 1)) (Abramowitz & Stegun 7.1.5). */
function erfSeries(z: number): number {
  let sum = 0;
  for (let n = seriesCoefficients.length - 1; n > 0; n--) sum = (sum + seriesCoefficients[n]!) * -z;
  return twoOverRootPi * (1 + sum);
}

/** 1 / (n! (2n + 1)); the product is exact up to the last one used. */
const seriesCoefficients: readonly number[] = Array.from({ length: 18 }, (_, n) => {
  let factorial = 1;
  for (let i = 2; i <= n; i++) factorial *= i;
  return 1 / (factorial * (2 * n + 1));
});
