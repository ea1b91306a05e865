import { bool, choice, float, int, ordinal } from '@paramo/core';
import { expect, test } from 'vitest';
import { parseSearch } from './search-grammar.js';

test('ranges, lists and fixed values are told apart by how they are written', () => {
  expect(parseSearch(['lr=1e-5..1e-1:log', 'layers=1..8', 'drop=0..0.5:step=0.05', 'keep=0.5..0.999:reverse', 'size=1..8:float', 'units=16..512:log:default=64', 'from=-3..3', 'share=0..1', 'bit=0..1:int'])).toEqual({
    parameters: {
      lr: float(1e-5, 1e-1, { log: true }), layers: int(1, 8), drop: float(0, 0.5, { step: 0.05 }), keep: float(0.5, 0.999, { log: 'reverse' }), size: float(1, 8),
      units: int(16, 512, { log: true, default: 64 }), from: int(-3, 3), share: float(0, 1), bit: int(0, 1),
    },
    fixed: {},
  });
  expect(parseSearch(['opt=adam,sgd', 'batch=32,64,128', 'width=s,m,l:ordinal', 'flag=true,false', 'on=true,false:default=true', 'path=a:b,c:d', 'seed=42', 'name=x', 'quiet=true', 'url=http://host/a=b'])).toEqual({
    parameters: { opt: choice(['adam', 'sgd']), batch: choice([32, 64, 128]), width: ordinal(['s', 'm', 'l']), flag: bool(), on: bool({ default: true }), path: choice(['a:b', 'c:d']) },
    fixed: { seed: 42, name: 'x', quiet: true, url: 'http://host/a=b' },
  });
});

test.each([
  ['lr', '-p lr does not say NAME=VALUES'],
  ['=1..2', 'does not say NAME=VALUES'],
  ['lr=0..1:log', 'lr: a log range must start above 0'],
  ['lr=1e-5..1e-1:lgo', 'lr: a range has no option "lgo". Did you mean :log?'],
  ['n=1..8:reverse', 'n: a range of whole numbers cannot be reverse'],
  ['n=1...8', 'n: 1...8 is not a range'],
  ['n=1..x', 'n: 1..x is not a range'],
  ['drop=0..1:step=x', 'drop: step is "x", not a number'],
  ['opt=adam,,sgd', 'opt: adam,,sgd has an empty value'],
])('-p %s is refused with what to write', (option, message) => {
  expect(() => parseSearch([option])).toThrow(message);
});

test('a parameter that is given twice is refused', () => {
  expect(() => parseSearch(['a=1..2', 'a=3'])).toThrow('a: given twice');
});
