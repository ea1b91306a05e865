import { describe, expect, it } from 'vitest';
import { errorCodes } from './error-code.js';
import type { ErrorCodeEntry } from './error-code.js';
import { isParamoError, ParamoError } from './paramo-error.js';

describe('ParamoError', () => {
  it('says the code, what and why, and what to do in its message alone', () => {
    const error = new ParamoError({ code: 'STUDY_NOT_FOUND', message: 'there is no study "mnits"', hint: 'Did you mean mnist?' });
    expect(error.message).toBe('STUDY_NOT_FOUND: there is no study "mnits". Did you mean mnist?');
    expect(error.summary).toBe('there is no study "mnits"');
    expect(error.hint).toBe('Did you mean mnist?');
    expect(String(error)).toContain('ParamoError: STUDY_NOT_FOUND');
  });

  it('does not double a full stop, and falls back on the meaning of its code', () => {
    expect(new ParamoError({ code: 'TIMEOUT', message: 'no answer.', hint: 'Try again.' }).message).toBe('TIMEOUT: no answer. Try again.');
    expect(new ParamoError({ code: 'TIMEOUT', message: '' }).message).toBe('TIMEOUT: No answer came in time.');
  });

  it('keeps details and cause', () => {
    const cause = new Error('disk');
    const error = new ParamoError({ code: 'STORE_FULL', message: 'full', details: { bytes: 1 }, cause });
    expect(error.cause).toBe(cause);
    expect(error.details).toEqual({ bytes: 1 });
    expect('cause' in new ParamoError({ code: 'INTERNAL', message: 'x' })).toBe(false);
  });

  it('is recognised by its shape, so that another installed copy counts too', () => {
    const foreign = Object.assign(new Error('FENCED: x'), { code: 'FENCED', [Symbol.for('paramo.error')]: true });
    expect(isParamoError(foreign)).toBe(true);
    expect(isParamoError(foreign, 'FENCED')).toBe(true);
    expect(isParamoError(foreign, 'TIMEOUT')).toBe(false);
    expect([null, undefined, 'FENCED', new Error('x'), { code: 'FENCED' }].some((value) => isParamoError(value))).toBe(false);
  });

  it('turns anything thrown into one error, and keeps its own', () => {
    const own = new ParamoError({ code: 'FENCED', message: 'x' });
    expect(ParamoError.from(own)).toBe(own);
    const bug = new TypeError('x is not a function');
    expect(ParamoError.from(bug)).toMatchObject({ code: 'INTERNAL', summary: 'x is not a function', cause: bug });
    expect(ParamoError.from(AbortSignal.abort().reason).code).toBe('ABORTED');
    expect(ParamoError.from('boom').message).toBe('INTERNAL: boom was thrown');
    expect(ParamoError.from(undefined).code).toBe('INTERNAL');
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(ParamoError.from(loop).message).toBe('INTERNAL: [object Object] was thrown');
  });
});

describe('errorCodes', () => {
  it('gives every code a gRPC status, an advice and one sentence', () => {
    const statuses = 'CANCELLED INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED'.split(' ');
    const table: Readonly<Record<string, ErrorCodeEntry>> = errorCodes;
    for (const entry of Object.values(table)) {
      expect(statuses).toContain(entry.status);
      expect(entry.meaning).toMatch(/^[A-Z].*\.$/);
    }
  });
});
