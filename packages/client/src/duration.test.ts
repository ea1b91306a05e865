import { expect, test } from 'vitest';
import { parseDuration } from './duration.js';

test.each([[1500, 1500], ['90s', 90_000], ['10m', 600_000], ['1h30m', 5_400_000], ['1.5 h', 5_400_000], ['250ms', 250], ['2d', 172_800_000]])('%s is %d ms', (text, ms) => {
  expect(parseDuration('wall', text)).toBe(ms);
});

test.each(['', '10', '10 minutes', 'm', '-5s', 0, -1, Number.NaN, Number.POSITIVE_INFINITY])('%s is refused with what to write', (text) => {
  expect(() => parseDuration('budget.wall', text)).toThrow(/INVALID_OPTIONS: budget.wall is .*such as '10m'/);
});
