import { describe, expect, test } from 'vitest';
import { lineChart } from './chart.js';
import { formatDuration, formatNumber } from './format.js';
import { createLive } from './live.js';
import { progressBar } from './progress.js';
import { sparkline } from './sparkline.js';
import { createStyle } from './style.js';
import { formatTable } from './table.js';
import { displayWidth, truncate } from './text.js';

describe('charts', () => {
  test('a line chart draws a falling line from its highest to its lowest row', () => {
    expect(lineChart([4, 2, 1], { width: 8, height: 4, label: 'loss' })).toBe(['loss', '4 ┤─╮', '3 ┤ │', '2 ┤ ╰─╮', '1 ┤   ╰─'].join('\n'));
  });

  test('a flat line is drawn once, with its value', () => {
    expect(lineChart([3, 3, 3], { width: 6, height: 3 })).toBe(['  ┤', '3 ┤───', '  ┤'].join('\n'));
  });

  test('a chart has the asked size, and values that are not finite leave gaps', () => {
    const chart = lineChart(Array.from({ length: 500 }, (_, i) => (i === 250 ? Number.NaN : 1 / (i + 1))), { width: 40, height: 6 });
    const lines = chart.split('\n');
    expect(lines).toHaveLength(6);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(40);
    expect(lineChart([Number.NaN], { width: 40, height: 6 })).toBe('');
  });

  test('a sparkline shows the newest value and blanks what is not finite', () => {
    expect(sparkline([0, 7, Number.NaN, 3.5], 10)).toBe('▁█ ▅');
    expect(sparkline([0, 0, 0, 0, 0, 9], 3)).toBe('▁▁█');
    expect(sparkline([], 3)).toBe('');
  });

  test('a progress bar is as wide as asked, whatever it is given', () => {
    expect(progressBar(1, 2, 4)).toBe('██░░');
    expect(progressBar(5, 2, 4)).toBe('████');
    expect(progressBar(0, 0, 4)).toBe('░░░░');
    for (let done = 0; done <= 37; done++) expect(displayWidth(progressBar(done, 37, 11))).toBe(11);
  });
});

describe('tables', () => {
  test('columns are aligned by what is seen, numbers on the right', () => {
    const table = formatTable([['a', '1'], ['日本', '1000']], { columns: [{ title: 'name' }, { title: 'n', align: 'right' }] });
    expect(table).toBe(['name     n', 'a        1', '日本  1000'].join('\n'));
  });

  test('a cell cannot move the cursor or start a line', () => {
    expect(formatTable([['x\u001b[2Jy\nz']], { columns: [{ title: 'name' }] })).toBe('name\nx\\u001b[2Jy\\nz');
  });

  test('a long cell is cut to its column', () => {
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('\u001b[31mabcdef\u001b[39m tail', 4)).toBe('\u001b[31mabc…\u001b[39m');
    expect(truncate('abc\u001b[31mdef\u001b[39m', 4)).toBe('abc\u001b[31m…\u001b[39m');
    expect(truncate('\u001b[31mabc\u001b[39mdef', 4)).toBe('\u001b[31mabc\u001b[39m…');
  });
});

describe('numbers', () => {
  test('numbers and lengths of time are short', () => {
    expect([0.1 + 0.2, 12, 1e-7, 123456.789, Number.NaN, -Infinity].map((value) => formatNumber(value))).toEqual(['0.3', '12', '1e-7', '123460', 'NaN', '-Infinity']);
    expect([850, 12_340, 245_000, 7_620_000].map(formatDuration)).toEqual(['850 ms', '12.3 s', '4 min 05 s', '2 h 07 min']);
  });
});

describe('a live view', () => {
  test('draws in place on a terminal and gives the cursor back', () => {
    const written: string[] = [];
    const live = createLive({ isTTY: true, columns: 20, rows: 10, write: (text) => written.push(text) });
    live.update('one\ntwo');
    live.update('three');
    live.done();
    expect(written).toEqual(['\u001b[?25l\r\u001b[Jone\ntwo\n', '\u001b[2A\r\u001b[Jthree\n', '\u001b[?25h']);
  });

  test('takes a terminal that says to have no columns for one of 80', () => {
    const written: string[] = [];
    const live = createLive({ isTTY: true, columns: 0, rows: 0, write: (text) => written.push(text) });
    live.update('one');
    live.done();
    expect(written[0]).toContain('one');
  });

  test('writes nothing where there is no terminal', () => {
    const written: string[] = [];
    const live = createLive({ write: (text) => written.push(text) });
    live.update('one');
    live.done();
    expect(written).toEqual([]);
  });

  test('NO_COLOR and pipes take the colours away', () => {
    expect(createStyle({ isTTY: true }, {}).red('x')).toBe('\u001b[31mx\u001b[39m');
    expect(createStyle({ isTTY: true }, { NO_COLOR: '1' }).red('x')).toBe('x');
    expect(createStyle({}, {}).red('x')).toBe('x');
  });
});
