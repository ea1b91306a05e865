import { describe, expect, it } from 'vitest';
import { isResumption } from './strategy.js';

describe('a suggestion', () => {
  it('is a new trial or a resumption', () => {
    expect(isResumption({ resume: 3, because: { kind: 'promotion', detail: 'rung 1' } })).toBe(true);
    expect(isResumption({ params: {}, because: { kind: 'default' } })).toBe(false);
  });
});
