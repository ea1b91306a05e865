import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameRecords, readFrames } from './frame.js';

const records = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 8 });
const contents = (payloads: readonly Uint8Array[]): readonly number[][] => payloads.map((payload) => [...payload]);

test('what was written is read, whatever it is', () => {
  fc.assert(fc.property(records, (payloads) => {
    const bytes = frameRecords(payloads);
    const read = readFrames(bytes);
    expect(contents(read.payloads)).toEqual(contents(payloads));
    expect(read).toMatchObject({ rest: 'none', end: bytes.length });
  }));
});

test('a file cut anywhere gives the records that are whole, and no others', () => {
  fc.assert(fc.property(records, fc.nat(), (payloads, where) => {
    const bytes = frameRecords(payloads);
    const cut = where % bytes.length;
    const read = readFrames(bytes.subarray(0, cut));
    const ends = payloads.map((_, i) => frameRecords(payloads.slice(0, i + 1)).length);
    const whole = ends.filter((end) => end <= cut).length;
    expect(contents(read.payloads)).toEqual(contents(payloads.slice(0, whole)));
    expect(read.rest).toBe(cut === 0 || ends.includes(cut) ? 'none' : 'torn');
  }));
});

test('a flipped bit anywhere ends the file at its record, and never gives wrong content', () => {
  fc.assert(fc.property(records, fc.nat(), fc.nat({ max: 7 }), (payloads, where, bit) => {
    const bytes = frameRecords(payloads);
    const at = where % bytes.length;
    bytes[at]! ^= 1 << bit;
    const read = readFrames(bytes);
    const hit = payloads.findIndex((_, i) => frameRecords(payloads.slice(0, i + 1)).length > at);
    expect(contents(read.payloads)).toEqual(contents(payloads.slice(0, hit)));
    expect(read.rest).not.toBe('none');
  }), { numRuns: 500 });
});
