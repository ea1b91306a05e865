import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBatch, encodeBatch, encodedBatchOf, reportOfEncoded, spoolRecordOfEncoded } from './encoded-batch.js';
import { SpoolRecord } from './gen/paramo/v1/spool.js';
import { Batch } from './gen/paramo/v1/trial.js';
import { ReportRequest } from './gen/paramo/v1/trial_service.js';

const whole = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.nat({ max: 53 }).map((bits) => Math.min(2 ** bits, Number.MAX_SAFE_INTEGER)), fc.nat({ max: 52 }).map((bits) => 2 ** bits - 1));
const points = fc.array(fc.record({ step: whole, value: fc.double(), timeMs: whole }), { maxLength: 40 });
const key = fc.record({ studyId: fc.string({ maxLength: 26 }), trial: fc.maxSafeNat().map(BigInt), attempt: fc.nat() });
const batches = fc.record({ key, sequence: whole, series: fc.array(fc.record({ name: fc.string({ unit: 'grapheme', maxLength: 20 }), points }), { maxLength: 3 }), done: fc.option(whole, { nil: undefined }) });

test('is byte for byte what the generated code writes', () => {
  fc.assert(fc.property(batches, ({ key: attempt, sequence, series, done }) => {
    const encoded = encodeBatch({
      key: attempt,
      sequence,
      // Columns are longer than what counts.
      series: series.map(({ name, points: all }) => ({
        name, length: all.length, steps: Float64Array.from([...all.map(({ step }) => step), 7]), values: Float64Array.from([...all.map(({ value }) => value), 7]), timesMs: Float64Array.from([...all.map(({ timeMs }) => timeMs), 7]),
      })),
      ...(done !== undefined && { done }),
    });
    const message: Batch = {
      ...attempt,
      sequence: BigInt(sequence),
      series: series.map(({ name, points: all }) => ({ name, steps: all.map(({ step }) => BigInt(step)), values: all.map(({ value }) => value), timesMs: all.map(({ timeMs }) => BigInt(timeMs)) })),
      done: done === undefined ? undefined : BigInt(done),
    };
    expect(Buffer.from(encoded)).toEqual(Buffer.from(encodedBatchOf(message)));
    expect(decodeBatch(encoded)).toEqual(Batch.decode(Batch.encode(message).finish()));
  }));
});

test('messages with encoded batches read as those with the batches', () => {
  const batch = (sequence: number): Batch => ({ studyId: 's', trial: 3n, attempt: 1, sequence: BigInt(sequence), series: [{ name: 'loss', steps: [1n, 2n], values: [0.5, Number.NaN], timesMs: [10n, 11n] }], done: 3n });
  const request = { writerId: 'w', heartbeats: [], goodbye: false };
  const read = ReportRequest.decode(ReportRequest.encode(reportOfEncoded(request, [batch(1), batch(2)].map(encodedBatchOf))).finish());
  expect(read).toEqual({ ...request, batches: [batch(1), batch(2)] });
  expect(SpoolRecord.decode(SpoolRecord.encode(spoolRecordOfEncoded(encodedBatchOf(batch(3)), 5)).finish())).toEqual({ kind: { $case: 'batch', value: batch(3) }, dropped: 5n });
});
