import { describe, expect, it } from 'vitest';
import { nearMiss } from './near-miss.js';

describe('nearMiss', () => {
  it.each([
    ['lrr', 'lr'],
    ['Dropout', 'dropout'],
    ['drpout', 'dropout'],
    ['layesr', 'layers'],
    ['valloss', 'val_loss'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearMiss(word, ['lr', 'dropout', 'layers', 'val_loss'])).toBe(meant);
  });

  it('guesses nothing when nothing is close', () => {
    expect(nearMiss('momentum', ['lr', 'dropout'])).toBeUndefined();
    expect(nearMiss('a', ['b'])).toBeUndefined();
    expect(nearMiss('', ['lr'])).toBeUndefined();
    expect(nearMiss('x'.repeat(100_000), ['y'.repeat(100_000)])).toBeUndefined();
  });

  it('prefers the closest', () => {
    expect(nearMiss('layer1', ['layer12', 'layer1', 'layers'])).toBe('layer1');
  });
});
