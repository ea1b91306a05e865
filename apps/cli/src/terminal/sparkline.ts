import { resample } from './resample.js';

const bars = '▁▂▃▄▅▆▇█';

/** The values as one line of bars, at most `width` columns: the newest of each stretch. What is not finite is a blank. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.length > width ? resample(values, width) : values;
  const finite = shown.filter((value) => Number.isFinite(value));
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low;
  return shown
    .map((value) => {
      if (!Number.isFinite(value)) return ' ';
      // All the same: a line in the middle.
      return bars[range > 0 ? Math.round(((value - low) / range) * (bars.length - 1)) : 3];
    })
    .join('');
}
