import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { knownBugsPage } from './known-bugs-page.js';
import { knownBugs } from './known-bugs.js';

const repository = new URL('../../../', import.meta.url);

test('every known bug has a test that is there, or a reason why it has no meaning here', () => {
  const missing: string[] = [];
  for (const { bugs } of knownBugs) {
    for (const { ids, here } of bugs) {
      if ('noMeaning' in here) continue;
      const source = readFileSync(new URL(here.file, repository), 'utf8');
      const titles = [...source.matchAll(/(?:test|it)(?:\.each\([^)]*\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g)].map(([, , title]) => title!.replaceAll('\\', ''));
      if (!titles.some((title) => title.startsWith(here.title))) missing.push(`${ids.join(', ')}: ${here.file} "${here.title}"`);
    }
  }
  expect(missing).toEqual([]);
});

test('no bug is listed twice', () => {
  const ids = knownBugs.flatMap(({ bugs }) => bugs.flatMap((bug) => bug.ids));
  expect(new Set(ids).size).toBe(ids.length);
});

test('docs/KNOWN-BUGS.md is that table; `npm run simulator -- --known-bugs` writes it', () => {
  expect(readFileSync(new URL('docs/KNOWN-BUGS.md', repository), 'utf8')).toBe(knownBugsPage(knownBugs));
});
