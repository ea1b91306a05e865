import { describe, expect, it } from 'vitest';
import { checkHoldings } from './check-holdings.js';

const before = { heapBytes: 40e6, residentBytes: 80e6, files: 30 };

describe('the check of what a process holds', () => {
  it('is content with a little more', () => expect(checkHoldings(before, { heapBytes: 43e6, residentBytes: 87e6, files: 32 })).toEqual([]));

  it('finds memory that is kept, in the heap and beside it', () => {
    expect(checkHoldings(before, { ...before, heapBytes: 45e6 })).toEqual(['memory is kept: 40.0 MB of heap before, 45.0 MB after']);
    expect(checkHoldings(before, { ...before, residentBytes: 89e6 })).toEqual(['memory is kept: 80.0 MB before, 89.0 MB after']);
  });

  it('finds descriptors that are kept', () => expect(checkHoldings(before, { ...before, files: 33 })).toEqual(['descriptors are kept: 30 before, 33 after']));
});
