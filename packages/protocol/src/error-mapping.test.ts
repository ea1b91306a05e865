import { Metadata, status } from '@grpc/grpc-js';
import { errorCodes, ParamoError } from '@paramo/core';
import type { ErrorCode } from '@paramo/core';
import { expect, test } from 'vitest';
import { errorMetadataKey, fromServiceError, toServiceError } from './error-mapping.js';
import { ErrorDetail } from './gen/paramo/v1/value.js';

const foreign = (code: number, details = ''): ParamoError => fromServiceError({ code, details, metadata: new Metadata() });

test.each(Object.keys(errorCodes) as ErrorCode[])('%s crosses the wire with its words and the status of the table', (code) => {
  const error = new ParamoError({ code, message: 'größer als 1', hint: 'Give less.', details: { at: [1, null] } });
  const sent = toServiceError(error);
  const back = fromServiceError(sent);
  expect(status[sent.code]).toBe(errorCodes[code].status);
  expect([back.code, back.summary, back.hint, back.details]).toEqual([code, 'größer als 1', 'Give less.', { at: [1, null] }]);
});

test('an error that is not a ParamoError becomes INTERNAL and leaks no stack', () => {
  const sent = toServiceError(new RangeError('too far'));
  const detail = ErrorDetail.decode(sent.metadata.get(errorMetadataKey)[0] as Buffer);
  expect([sent.code, detail.code, detail.message]).toEqual([status.INTERNAL, 'INTERNAL', 'too far']);
  expect(JSON.stringify([sent.details, detail])).not.toContain('.test.ts');
});

test('the time to wait before a retry is told to clients of other languages', () => {
  const sent = toServiceError(new ParamoError({ code: 'OVERLOADED', message: 'busy', details: { retryAfterMs: 250 } }));
  expect(ErrorDetail.decode(sent.metadata.get(errorMetadataKey)[0] as Buffer).retryAfterMs).toBe(250);
});

test('an error that is long stays within the trailers that clients accept', () => {
  const long = 'x'.repeat(100_000);
  const sent = toServiceError(new ParamoError({ code: 'PLUGIN_FAILED', message: long, hint: long, details: { long } }));
  const bytes = sent.metadata.get(errorMetadataKey)[0] as Buffer;
  expect(sent.details.length + (bytes.length * 4) / 3).toBeLessThan(7000);
});

test('statuses that no handler of Paramo made get the code that fits', () => {
  expect(foreign(status.UNAVAILABLE, 'No connection established. Last error: connect ECONNREFUSED').code).toBe('DAEMON_UNREACHABLE');
  expect(foreign(status.UNAVAILABLE, 'Server shutting down').code).toBe('UNAVAILABLE');
  expect(foreign(status.DEADLINE_EXCEEDED).code).toBe('TIMEOUT');
  expect(foreign(status.CANCELLED).code).toBe('ABORTED');
  expect(foreign(status.UNAUTHENTICATED).code).toBe('UNAUTHENTICATED');
  expect(foreign(status.RESOURCE_EXHAUSTED).code).toBe('OVERLOADED');
  expect(foreign(status.RESOURCE_EXHAUSTED, 'Received message larger than max (3 vs. 2)').code).toBe('LIMIT_EXCEEDED');
  expect(foreign(status.UNIMPLEMENTED).code).toBe('DAEMON_VERSION');
  expect(foreign(status.DATA_LOSS).code).toBe('INTERNAL');
});

test('a code of a newer daemon keeps its words under the code of its status', () => {
  const metadata = new Metadata();
  metadata.set(errorMetadataKey, Buffer.from(ErrorDetail.encode({ code: 'QUOTA_OF_TEAM', message: 'used up', hint: 'Ask for more.', retryAfterMs: 0, detailsJson: '' }).finish()));
  const error = fromServiceError({ code: status.RESOURCE_EXHAUSTED, details: '', metadata });
  expect(error.message).toBe('OVERLOADED: QUOTA_OF_TEAM: used up. Ask for more.');
});

test('detail that cannot be read falls back to the status', () => {
  const metadata = new Metadata();
  metadata.set(errorMetadataKey, Buffer.from([0xff]));
  expect(fromServiceError({ code: status.CANCELLED, details: 'gone', metadata }).code).toBe('ABORTED');
});

test('a ParamoError and other throws need no status', () => {
  const error = new ParamoError({ code: 'FENCED', message: 'x' });
  expect(fromServiceError(error)).toBe(error);
  expect(fromServiceError(new Error('boom')).code).toBe('INTERNAL');
});
