import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from './json.js';
import type { Json } from './json.js';

it('gives equal text for equal values whatever the order of their names', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
});

it('is JSON that reads back as the same value, and is the same for it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value as Json);
      expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
