import { expect, test } from 'vitest';
import { compareChanges } from './compare-trials.js';

const diff = (path: string, ...lines: string[]): string => `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n@@ -1,2 +1,2 @@\n same\n${lines.join('\n')}\n`;
const shown = (left: string, right: string): unknown => compareChanges(left, right).map((row) => [row.name, row.left?.value ?? '', row.right?.value ?? '']);

test('changes are compared by file and line, and a line as often as it is there', () => {
  expect(shown('', '')).toEqual([]);
  expect(shown(diff('a.py', '-x = 1', '+x = 2'), diff('a.py', '-x = 1', '+x = 2'))).toEqual([]);
  expect(shown(diff('a.py', '-x = 1', '+x = 2', '+y'), diff('a.py', '-x = 1', '+x = 3') + diff('b c.py', '+new'))).toEqual([
    ['a.py', '+x = 2', '+x = 3'],
    ['a.py', '+y', ''],
    ['b c.py', '', '+new'],
  ]);
  expect(shown(diff('a', '+x', '+x', '+x'), diff('a', '+x'))).toEqual([['a', '+x', ''], ['a', '+x', '']]);
  // A line of the file that looks like the header of a diff.
  expect(shown(diff('a', '--- a', '+++ b'), '')).toEqual([['a', '--- a', ''], ['a', '+++ b', '']]);
  expect(shown('diff --git a/m.bin b/m.bin\nindex 1..2 100644\nBinary files a/m.bin and b/m.bin differ\n', '')).toEqual([['m.bin', 'Binary files a/m.bin and b/m.bin differ', '']]);
});
