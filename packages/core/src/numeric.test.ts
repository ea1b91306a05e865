import { describe, expect, it } from 'vitest';
import { murmur3 } from './murmur3.js';
import { cos, erf, erfc, exp, expm1, ln, log1p, logNormalCdf, normalCdf, normalPdf, normalQuantile, pow, sin } from './numeric.js';
import { createRandom } from './random.js';

const random = createRandom('numeric test');
const between = (low: number, high: number): number => low + (high - low) * random.next();
const wide = (): number => exp(between(-700, 700));

/** |a − b| in units of the last place of b. */
function ulps(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  const exponent = Math.max(-1022, Math.floor(Math.log2(Math.abs(b))));
  return Math.abs(a - b) / 2 ** (exponent - 52);
}

describe('elementary functions', () => {
  it.each<[string, (x: number) => number, (x: number) => number, () => number, number]>([
    ['ln over all sizes', ln, Math.log, wide, 1],
    ['ln around 1', ln, Math.log, () => between(0.5, 2), 1],
    ['exp', exp, Math.exp, () => between(-700, 700), 1],
    ['exp around 0', exp, Math.exp, () => between(-1, 1), 1],
    ['log1p', log1p, Math.log1p, () => between(-0.99, 4), 1],
    ['log1p of small numbers', log1p, Math.log1p, () => between(-1, 1) * exp(between(-40, 0)), 1],
    ['expm1', expm1, Math.expm1, () => between(-40, 40), 2],
    ['expm1 of small numbers', expm1, Math.expm1, () => between(-1, 1) * exp(between(-40, 0)), 2],
    ['sin', sin, Math.sin, () => between(-1e5, 1e5), 1],
    ['cos', cos, Math.cos, () => between(-1e5, 1e5), 1],
  ])('%s agrees with the engine', (_, ours, theirs, draw, tolerance) => {
    let worst = 0;
    for (let i = 0; i < 5000; i++) {
      const x = draw();
      worst = Math.max(worst, ulps(ours(x), theirs(x)));
    }
    expect(worst).toBeLessThanOrEqual(tolerance + 1e-9);
  });

  it('pow is exact where the result is a number, and as good as ln and exp elsewhere', () => {
    for (let i = 0; i <= 22; i++) expect(pow(10, i)).toBe(Number(`1e${i}`));
    for (let i = 0; i < 15; i++) expect(pow(-3, i)).toBe((-3) ** i);
    expect(pow(2, 0.5)).toBe(Math.SQRT2);
    expect(pow(10, 0.5)).toBe(3.1622776601683795); // √10, 40 digits rounded
    for (let i = 0; i < 5000; i++) {
      const x = wide();
      const y = between(-1, 1);
      expect(ulps(pow(x, y), x ** y)).toBeLessThanOrEqual(2);
    }
  });

  it('has the special values of the language', () => {
    const special = [0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, Infinity, -Infinity, NaN, 5e-324, 1.7976931348623157e308];
    for (const x of special) {
      for (const [ours, theirs] of [[ln(x), Math.log(x)], [exp(x), Math.exp(x)], [log1p(x), Math.log1p(x)], [expm1(x), Math.expm1(x)]] as const) {
        if (Number.isFinite(theirs)) expect(ulps(ours, theirs)).toBeLessThanOrEqual(2);
        else expect(ours).toBe(theirs);
      }
      for (const y of special) {
        const theirs = x ** y;
        if (Number.isFinite(theirs) && theirs !== 0) expect(ulps(pow(x, y), theirs)).toBeLessThanOrEqual(2);
        else expect(pow(x, y)).toBe(theirs);
      }
    }
    expect([exp(710), exp(-746), exp(-745), expm1(-50), expm1(710)]).toEqual([Infinity, 0, 5e-324, -1, Infinity]);
    for (const f of [sin, expm1, log1p, erf]) expect(Object.is(f(-0), -0)).toBe(true);
    expect([sin(Infinity), cos(NaN)]).toEqual([NaN, NaN]);
    expect(() => sin(1e6)).toThrow('sin(1000000) is not supported');
  });

  it('reduces large angles in full', () => {
    // 30-digit values.
    expect(sin(1e5)).toBe(0.03574879797201651);
    expect(cos(1e5)).toBe(-0.9993608074382124);
    expect(sin(355)).toBe(-3.014435335948845e-5);
  });
});

describe('the normal distribution', () => {
  it.each([
    // Abramowitz & Stegun, tables 7.1 and 7.3; more digits from a 40-digit computation.
    [erf, 0.5, 0.5204998778130465],
    [erf, 1, 0.8427007929497149],
    [erf, 2, 0.9953222650189527],
    [erfc, 2, 0.004677734981047266],
    [erfc, 5, 1.537459794428035e-12],
    [erfc, 20, 5.395865611607901e-176],
    [erfc, 26, 5.663192408856143e-296],
    [normalCdf, 1.96, 0.9750021048517795],
    [normalCdf, -1.959963984540054, 0.025],
    [normalCdf, -37.5, 4.605353009581955e-308],
    [normalPdf, 0, 0.3989422804014327],
    [logNormalCdf, -1, -1.8410216450092636],
    [logNormalCdf, -10, -53.23128515051247],
    [logNormalCdf, -40, -804.6084420137538],
    [logNormalCdf, -100, -5005.524208694205],
    [logNormalCdf, 0, -0.6931471805599453],
    // The check values printed with algorithm AS 241.
    [normalQuantile, 0.25, -0.6744897501960817],
    [normalQuantile, 0.001, -3.090232306167814],
    [normalQuantile, 1e-20, -9.262340089798408],
  ])('%o of %f', (f, x, expected) => {
    expect(Math.abs(f(x) / expected - 1)).toBeLessThan(2e-15);
  });

  it('keeps its ends', () => {
    expect([erf(Infinity), erfc(-Infinity), erfc(Infinity), normalCdf(-Infinity), normalCdf(Infinity)]).toEqual([1, 2, 0, 0, 1]);
    expect([normalQuantile(0), normalQuantile(1), normalQuantile(-1), normalQuantile(NaN)]).toEqual([-Infinity, Infinity, NaN, NaN]);
    expect([logNormalCdf(-Infinity), logNormalCdf(Infinity), logNormalCdf(-1e200), normalPdf(1e200)]).toEqual([-Infinity, -0, -Infinity, 0]);
    expect([erf(NaN), erfc(NaN), normalCdf(NaN), logNormalCdf(NaN), normalPdf(NaN)]).toEqual([NaN, NaN, NaN, NaN, NaN]);
    expect(logNormalCdf(-1e10)).toBe(-5e19);
  });

  it('normalCdf and normalQuantile undo each other', () => {
    for (let i = 0; i < 3000; i++) {
      const p = exp(-between(1e-3, 690));
      expect(Math.abs(ln(normalCdf(normalQuantile(p))) / ln(p) - 1)).toBeLessThan(2e-14);
    }
  });
});

it('every bit of 26 000 results is the one it always was', () => {
  const draw = createRandom('checksum');
  const bytes = new DataView(new ArrayBuffer(8 * 13 * 2000));
  for (let i = 0; i < 2000; i++) {
    const u = draw.next();
    const x = 20 * u - 10;
    const size = exp(1000 * u - 500);
    const results = [ln(size), exp(50 * x), log1p(size), expm1(x), pow(size, draw.next()), sin(1e4 * x), cos(1e4 * x), erf(x / 3), erfc(x), normalPdf(x), normalCdf(x), logNormalCdf(4 * x), normalQuantile(u)];
    results.forEach((result, j) => bytes.setFloat64(8 * (13 * i + j), result));
  }
  expect(Array.from(murmur3(new Uint8Array(bytes.buffer), 0), (word) => word.toString(16))).toEqual(['f78492b6', '9874526', '97e3ef1f', 'eee248bd']);
});
