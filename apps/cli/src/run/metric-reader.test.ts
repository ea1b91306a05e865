import { describe, expect, test } from 'vitest';
import { createLineSplitter } from './line-splitter.js';
import { createMetricReader } from './metric-reader.js';

const values = (line: string, metric = 'val_loss'): readonly number[] => createMetricReader({ metrics: [metric] }).read(line).map(({ value }) => value);

describe('a metric is found', () => {
  test.each([
    ['val_loss=0.25', 0.25], ['val_loss: 0.25', 0.25], ['epoch 3 | Val_Loss : 1.2e+05 | lr 0.1', 120_000], ['val_loss=.5', 0.5], ['val_loss = -3.', -3],
    ['val_loss=nan', NaN], ['val_loss=-inf', -Infinity], ['val_loss=Infinity', Infinity], ["{'val_loss': 0.25, 'acc': 1}", 0.25], ['"val_loss": "0.25"', 0.25],
    ['{"epoch": 1, "val_loss": 0.25}', 0.25], ['{"val_loss": "NaN"}', NaN], ['val_loss=1 val_loss=2', 2], ['10/10 [====] - loss: 0.5 - val_loss: 0.25 - 3s/step', 0.25], ['(val_loss=0.25)', 0.25],
  ])('in %s', (line, value) => {
    expect(values(line)).toEqual([value]);
  });
  test('in a nested JSON object, by its path or by a key with dots', () => {
    expect(values('{"eval": {"loss": 2}}', 'eval.loss')).toEqual([2]);
    expect(values('{"eval.loss": 3}', 'eval.loss')).toEqual([3]);
  });
});

test.each(['my_val_loss=9', 'best-val_loss=9', 'eval/val_loss: 9', 'a.val_loss=9', 'val_loss_ema=9', 'val_loss', 'val_loss=', 'val_loss=abc', 'val_loss=0x1f', 'val_loss=3rd', '{"val_loss": null}', ''])('nothing is found in %j', (line) => {
  expect(values(line)).toEqual([]);
});

test('a name with signs of regular expressions means itself', () => {
  expect(values('hits@10(test)=0.5', 'hits@10(test)')).toEqual([0.5]);
});

test('the step is read from the same line where its name is given', () => {
  const reader = createMetricReader({ metrics: ['loss', 'acc'], step: 'epoch' });
  expect(reader.read('epoch=7 loss=1 acc=2')).toEqual([{ metric: 'loss', step: 7, value: 1 }, { metric: 'acc', step: 7, value: 2 }]);
  expect(reader.read('{"epoch": 8, "loss": 1}')).toEqual([{ metric: 'loss', step: 8, value: 1 }]);
  expect(reader.read('epoch=1.5 loss=1')).toEqual([{ metric: 'loss', value: 1 }]);
});

test('a pattern of the user stands in place of the name', () => {
  const reader = createMetricReader({ metrics: ['loss'], patterns: { loss: 'loss was ([0-9.]+)' } });
  expect(reader.read('the loss was 0.5 today, loss=9')).toEqual([{ metric: 'loss', value: 0.5 }]);
  expect(() => createMetricReader({ metrics: ['loss'], patterns: { loss: 'loss was [0-9.]+' } })).toThrow('the pattern of loss cannot be used: it has no group');
  expect(() => createMetricReader({ metrics: ['loss'], patterns: { loss: '(' } })).toThrow('INVALID_OPTIONS: the pattern of loss cannot be used');
});

describe('lines', () => {
  const split = (...parts: readonly (string | Buffer)[]): readonly string[] => {
    const lines: string[] = [];
    const splitter = createLineSplitter((line) => lines.push(line));
    for (const part of parts) splitter.push(Buffer.from(part as string));
    splitter.end();
    return lines;
  };
  test('end with a newline, a carriage return or both, wherever the pieces are cut', () => {
    expect(split('a\nb\rc\r\nd')).toEqual(['a', 'b', 'c', 'd']);
    expect(split('a', 'b\n', '\nc', '\r', '\nd\n')).toEqual(['ab', 'c', 'd']);
  });
  test('keep characters whole that two pieces share', () => {
    const bytes = Buffer.from('é=1\n');
    expect(split(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(['é=1']);
  });
  test('are cut at 64 KiB of characters, however long they go on', () => {
    const [line, next] = split('x'.repeat(50_000), 'x'.repeat(50_000), '\nnext');
    expect(line).toHaveLength(65_536);
    expect(next).toBe('next');
  });
});
