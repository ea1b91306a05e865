import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withChecksum, withoutChecksum } from './checksum.js';
import { noPoints } from './points.js';
import type { Points } from './points.js';
import { packPoints, unpackPoints } from './series-chunk.js';

function unpacked(...chunks: readonly Uint8Array[]): Points {
  const points = noPoints();
  for (const bytes of chunks) unpackPoints(bytes, points);
  return points;
}

function pointsOf(rows: readonly (readonly [step: number, value: number, timeMs: number])[]): Points {
  return { steps: rows.map(([step]) => step), values: rows.map(([, value]) => value), timesMs: rows.map(([, , timeMs]) => timeMs) };
}

/** A run as training code makes it: `count` points whose steps and times go up as told. */
function run(count: number, { value = Math.fround, stride = 1, everyMs = 40, jitterMs = 0 }: { value?: (i: number) => number; stride?: number; everyMs?: number; jitterMs?: number } = {}): Points {
  return pointsOf(Array.from({ length: count }, (_, i) => [i * stride, value(1 / (i + 1)), 1.78e12 + i * everyMs + ((i * 7919) % (jitterMs + 1))] as const));
}

const anyStep = fc.oneof(fc.nat(5), fc.nat(100_000), fc.maxSafeNat(), fc.constantFrom(0, 2 ** 31, 2 ** 32, 2 ** 52, 2 ** 53 - 1));
const anyTime = fc.oneof(fc.nat(300), fc.integer({ min: 1.7e12, max: 1.9e12 }), fc.maxSafeInteger(), fc.constantFrom(0, -(2 ** 53) + 1, 2 ** 53 - 1, 2 ** 63, -(2 ** 63)));
const anyValue = fc.oneof(fc.double(), fc.float(), fc.integer(), fc.constantFrom(NaN, 0, -0, Infinity, -Infinity, 5e-324, 2 ** -149, 3.4e38, 3.5e38));
const anyPoints = fc.array(fc.tuple(anyStep, anyValue, anyTime), { minLength: 1, maxLength: 300 }).map(pointsOf);
/** Columns that go up by little, so that the short forms come up too. */
const evenPoints = fc
  .tuple(fc.nat(2 ** 40), fc.integer({ min: -300, max: 300 }), fc.constantFrom(0, 1, 200, 255, 256, 65_535, 65_536, 2 ** 33), fc.array(fc.tuple(fc.nat(), fc.float()), { minLength: 1, maxLength: 200 }))
  .map(([first, stride, spread, rows]) => {
    let time = 2 ** 45 + first;
    return pointsOf(rows.map(([noise, value], i) => [2 ** 45 + first + i * stride, value, (time += stride + (noise % (spread + 1)))] as const));
  });

describe('packed points', () => {
  it('come back as they were, whatever they are', () => {
    fc.assert(fc.property(fc.oneof(anyPoints, evenPoints), (points) => void expect(unpacked(packPoints(points).bytes)).toEqual(points)), { numRuns: 2000 });
  });

  it('are cut into chunks that fit and, one after the other, hold them all', () => {
    fc.assert(
      fc.property(fc.oneof(anyPoints, evenPoints), fc.integer({ min: 1, max: 600 }), (points, limit) => {
        const chunks: Uint8Array[] = [];
        for (let from = 0; from < points.steps.length; ) {
          const { bytes, to } = packPoints(points, from, limit);
          expect(bytes.length <= limit || to === from + 1).toBe(true);
          // One more would not have fitted.
          if (to < points.steps.length) expect(packPoints(pointsOf(points.steps.slice(from, to + 1).map((step, i) => [step, points.values[from + i]!, points.timesMs[from + i]!]))).bytes.length).toBeGreaterThan(limit);
          chunks.push(bytes);
          from = to;
        }
        expect(unpacked(...chunks)).toEqual(points);
      }),
      { numRuns: 1000 },
    );
  });

  it('take 4 bytes more than nothing for an even run of floats, and a byte more for uneven times', () => {
    const perPoint = (points: Points): number => packPoints(points).bytes.length / points.steps.length;
    expect(perPoint(run(800))).toBeLessThan(4.1);
    expect(perPoint(run(800, { jitterMs: 100 }))).toBeLessThan(5.1);
    expect(perPoint(run(800, { value: (x) => x, jitterMs: 100, stride: 10 }))).toBeLessThan(9.1);
    expect(perPoint(run(800, { jitterMs: 20_000 }))).toBeLessThan(6.1);
    // A lone point, as a batch of the log has it.
    expect(perPoint(run(1))).toBeLessThan(16);
  });
});

describe('a checksum', () => {
  it('finds every flipped byte, every cut and every value of another key', () => {
    const key = Buffer.from('v series 1');
    const { bytes } = packPoints(run(50, { jitterMs: 100 }));
    const value = withChecksum(key, bytes);
    expect(withoutChecksum(key, value)).toEqual(bytes);
    for (let at = 0; at < value.length; at++) {
      for (const mask of [1, 128, 255]) expect(withoutChecksum(key, value.map((byte, i) => (i === at ? byte ^ mask : byte)))).toBeUndefined();
      expect(withoutChecksum(key, value.subarray(0, at))).toBeUndefined();
    }
    expect(withoutChecksum(key, Buffer.concat([value, Buffer.of(0)]))).toBeUndefined();
    expect(withoutChecksum(Buffer.from('v series 2'), value)).toBeUndefined();
  });
});
