import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReportRequest } from './gen/paramo/v1/trial_service.js';
import { readReport } from './read-report.js';

const unsigned = fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(2n ** 49n - 1n, 2n ** 49n, 2n ** 53n - 1n, 2n ** 53n));
const signed = fc.oneof(fc.bigInt({ min: -300n, max: 300n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
const series = fc.record({ name: fc.string(), steps: fc.array(unsigned), values: fc.array(fc.double()), timesMs: fc.array(signed) });
const batch = fc.record({ studyId: fc.string(), trial: unsigned, attempt: fc.nat(), sequence: unsigned, series: fc.array(series, { maxLength: 3 }), done: fc.option(unsigned, { nil: undefined }) });
const message = fc.record({
  writerId: fc.string(), batches: fc.array(batch, { maxLength: 3 }), goodbye: fc.boolean(),
  heartbeats: fc.array(fc.record({ studyId: fc.string(), trial: unsigned, attempt: fc.nat() }), { maxLength: 2 }),
});

/** The message with every 64-bit number as a bigint, as the generated code reads it. */
function withBigints(report: ReturnType<typeof readReport>): ReportRequest {
  return {
    ...report,
    batches: report.batches.map((one) => ({
      ...one, trial: BigInt(one.trial), sequence: BigInt(one.sequence), done: one.done === undefined ? undefined : BigInt(one.done),
      series: one.series.map((columns) => ({ ...columns, steps: columns.steps.map(BigInt), timesMs: columns.timesMs.map(BigInt) })),
    })),
    heartbeats: report.heartbeats.map((key) => ({ ...key, trial: BigInt(key.trial) })),
  } as ReportRequest;
}

test('reads what the generated code reads, with numbers where they are exact', () => {
  fc.assert(
    fc.property(message, (sent) => {
      const bytes = ReportRequest.encode(ReportRequest.fromPartial(sent)).finish();
      const read = readReport(bytes);
      expect(withBigints(read)).toEqual(ReportRequest.decode(bytes));
      for (const step of read.batches.flatMap((one) => one.series.flatMap(({ steps }) => steps))) expect(typeof step).toBe(step < 2 ** 49 ? 'number' : 'bigint');
    }),
  );
});

test('refuses a message that was cut as the generated code does', () => {
  const bytes = ReportRequest.encode(ReportRequest.fromPartial({ batches: [{ studyId: 's', trial: 300n, sequence: 2n ** 60n, series: [{ name: 'loss', steps: [1n, 70_000n], values: [1, 2], timesMs: [2n ** 40n] }] }] })).finish();
  for (let end = 0; end < bytes.length; end++) {
    const outcome = (read: (cut: Uint8Array) => unknown): string => {
      try {
        return `read ${read(bytes.subarray(0, end)) !== undefined}`;
      } catch (error) {
        return String(error);
      }
    };
    expect(outcome(readReport)).toBe(outcome((cut) => ReportRequest.decode(cut)));
  }
});
