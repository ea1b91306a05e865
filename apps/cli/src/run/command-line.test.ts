import { expect, test } from 'vitest';
import { fillCommand, unusedParams } from './command-line.js';

test('placeholders become values, an argument each', () => {
  expect(fillCommand(['train', '--lr={lr}', '{opt}', '{{x}}', '{"a": 1}', '{params}'], { lr: 0.1, opt: 'a b' })).toEqual(['train', '--lr=0.1', 'a b', '{x}', '{"a": 1}', '{"lr":0.1,"opt":"a b"}']);
  expect(fillCommand(['train', '{args}'], { lr: 0.1, on: true })).toEqual(['train', '--lr=0.1', '--on=true']);
});

test('params that the command does not name are told, unknown names refused with the near miss', () => {
  expect(unusedParams(['train', '{lr}'], ['lr', 'opt'])).toEqual(['opt']);
  expect(unusedParams(['train', '{args}'], ['lr', 'opt'])).toEqual([]);
  expect(() => unusedParams(['{lrr}'], ['lr'])).toThrow('Did you mean {lr}?');
  expect(() => unusedParams(['{other}'], ['lr'])).toThrow('write {{other}} for the braces themselves');
});
