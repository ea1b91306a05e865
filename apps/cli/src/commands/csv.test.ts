import { expect, test } from 'vitest';
import { csvLine } from './csv.js';

test('cells with commas, quotes, line breaks and outer blanks are quoted', () => {
  expect(csvLine(['a,b', 'say "hi"', 'two\nlines', ' x', 'plain', true])).toBe('"a,b","say ""hi""","two\nlines"," x",plain,true\n');
});

test('numbers keep every digit, and what is not there is empty', () => {
  expect(csvLine([0.1 + 0.2, 1e-300, Number.NaN, -Infinity, null, undefined, ''])).toBe('0.30000000000000004,1e-300,NaN,-Infinity,,,\n');
});
