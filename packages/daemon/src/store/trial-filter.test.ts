import type { TrialRecord } from '@paramo/core';
import { describe, expect, it } from 'vitest';
import { sampleTrial } from './testing/sample-records.js';
import { parseFilter } from './trial-filter.js';

const names = { params: ['lr', 'opt', 'deep', 'momentum'], metrics: ['loss', 'val loss', 'accuracy'] };
const trials: readonly TrialRecord[] = [
  sampleTrial('A', 0, { state: 'completed', params: { lr: 0.1, opt: 'adam', deep: true }, value: 0.5, metrics: { loss: 0.5, 'val loss': 0.7 }, by: 'user' }),
  sampleTrial('A', 1, { state: 'completed', params: { lr: 0.001, opt: 'sgd', deep: false, momentum: 0.9 }, value: 0.2, metrics: { loss: 0.2 }, by: 'strategy', phase: 'screen' }),
  sampleTrial('A', 2, { state: 'running', params: { lr: 0.05, opt: 'rms prop', deep: true }, metrics: { loss: NaN }, by: 'strategy', attributes: { host: 'a', gpus: 2, tags: ['x'] } }),
  sampleTrial('A', 3, { state: 'completed', params: { lr: 1, opt: 'adam', deep: true }, value: 0.1, retracted: true }),
];
const select = (filter: string): number[] => trials.filter(parseFilter(filter, names).test).map(({ number }) => number);

describe('parseFilter', () => {
  it.each<[string, number[]]>([
    ['', [0, 1, 2]],
    ['state = completed', [0, 1]],
    ['state = completed and lr < 1e-2 or not (opt in (adam, sgd))', [1, 2]],
    ['not state = completed', [2]],
    ['NOT state = completed OR number=0', [0, 2]],
    ['lr<=.05', [1, 2]],
    ['lr >= 0.05 and lr != 0.1', [2]],
    ['params.lr == 0.1', [0]],
    ['deep = true', [0, 2]],
    ['deep != true', [1]],
    ['momentum < 1', [1]],
    ['not momentum < 1', [0, 2]],
    ["opt = 'rms prop'", [2]],
    ['opt = "rms prop"', [2]],
    ["opt in ('rms prop', adam)", [0, 2]],
    ["'val loss' < 1", [0]],
    ["metrics.'val loss' < 1", [0]],
    ['loss < 1', [0, 1]],
    ['loss >= 0', [0, 1]],
    ['lr < text', []],
    ['lr = adam', []],
    ['lr != adam', [0, 1, 2]],
    ['attributes.host = a and attributes.gpus > 1', [2]],
    ['attributes.tags = x', [2]],
    ['tags = x and not tags = y', [2]],
    ['tags in (y, x)', [2]],
    ['tags != x', []],
    ['tags != y', [2]],
    ['group = a or note = b', []],
    ['metrics.unheard > 0', []],
    ['by = strategy', [1, 2]],
    ['phase = screen', [1]],
    ["phase = ''", [0, 2]],
    ['value < 1', [0, 1]],
    ['retracted = true', [3]],
    ['retracted in (true, false)', [0, 1, 2, 3]],
    ['number in (0,2)', [0, 2]],
    ['(((number = 0)))', [0]],
    ['number = 0 or number = 1 and state = running', [0]],
    ['(number = 0 or number = 1) and state = running', []],
    ['  number\n=\t1  ', [1]],
    ['opt > b', [1, 2]],
  ])('selects by `%s`', (filter, expected) => {
    expect(select(filter)).toEqual(expected);
  });

  it.each<[string, RegExp]>([
    ['sate = completed', /column 1: no field, parameter or metric is called "sate"\. Did you mean "state"\?/],
    ['lr < 1 and momentun > 0', /column 12: .*Did you mean "momentum"\?/],
    ['xyzzy = 1', /Write params\.NAME, metrics\.NAME/],
    ['state = complete', /column 9: "complete" is no state of a trial\. Did you mean "completed"\?/],
    ['by in (user, robot)', /column 14: "robot" is no origin of a trial\. It is one of strategy, stopper, user/],
    ['lr', /column 3: the end where an operator should be\. Write =, !=/],
    ['lr <', /column 5: the end where a value should be/],
    ['lr < and', /column 6: "and" where a value should be/],
    ['lr < 1 loss > 2', /column 8: "loss" where the filter should end\. Join/],
    ['(lr < 1', /column 8: the end where "\)" should be/],
    ['opt in adam', /column 8: "adam" where "\(" should be/],
    ['opt in (adam sgd)', /column 14: "sgd" where "\)" should be/],
    ['opt in ()', /column 9: "\)" where a value should be/],
    ['and', /column 1: "and" where a field should be/],
    ['= 1', /column 1: "=" where a field should be/],
    ["opt = 'adam", /column 7: a quote is not closed/],
    ['lr ! 1', /column 4: "!" is no operator/],
    ['not '.repeat(200) + 'lr = 1', /more than 100 levels/],
    ['('.repeat(50_000), /has 50000 characters/],
  ])('refuses `%s` and says where and what to write', (filter, message) => {
    expect(() => parseFilter(filter, names)).toThrow(message);
    expect(() => parseFilter(filter, names)).toThrow(/^INVALID_ARGUMENT: /);
  });

  it('takes any bare name when it is given none', () => {
    expect(trials.filter(parseFilter('accuracy > 0 or lr = 0.1').test).map(({ number }) => number)).toEqual([0]);
  });

  it('knows when completed trials are all that is asked for', () => {
    expect(parseFilter(' state=completed ').completedOnly).toBe(true);
    for (const other of ['', 'state = stopped', 'state != completed', 'state = completed and lr < 1', 'not state = completed', 'opt = completed']) expect(parseFilter(other).completedOnly).toBe(false);
  });
});
