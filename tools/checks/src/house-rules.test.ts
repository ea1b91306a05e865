import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { houseRules } from './house-rules.js';
import { repository } from './repository.js';

const root = mkdtempSync(join(tmpdir(), 'paramo-house-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const machinePath = ['', 'home', 'me', 'paramo'].join('/');
const registry = `https://registry${'.npm'}js.org/x.tgz`;

const planted: readonly (readonly [problem: string, file: string, text: string])[] = [
  ['names an absolute path of one machine', 'docs/guide.md', `cd ${machinePath}\n`],
  ['names the address of a package registry', '.npmrc', `registry=${registry}\n`],
  ['holds the address of a package', 'package-lock.json', '      "resolved": "https://example.org/x.tgz",\n'],
  ['is not named in kebab-case', 'packages/core/src/trialEvent.ts', 'export {};\n'],
  ['is not named in snake_case', 'packages/adapter-python/src/paramo/trialLog.py', 'x = 1\n'],
  ["lies in a folder 'utils': name the concept instead", 'packages/core/src/utils/sum.ts', 'export {};\n'],
  ['leaves a test out', 'packages/core/src/a.test.ts', `test${'.skip'}('x', () => {});\n`],
  ['leaves work to do in a comment', 'packages/core/src/b.ts', `// TO${'DO'}: more\n`],
];
const harmless: typeof planted = [
  ['', 'packages/core/src/trial-event.ts', "import './json.js'; // ./work/x, a/home/b\n"],
  ['', 'packages/adapter-python/src/paramo/__init__.py', ''],
  ['', 'packages/adapter-python/src/paramo/_trial_log.py', ''],
];

test('each rule of the house finds what breaks it, and nothing else', () => {
  execFileSync('git', ['init', '-q'], { cwd: root });
  for (const [, file, text] of [...planted, ...harmless]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  const found = houseRules(root).map(({ problem, file }) => `${file} ${problem}`);
  expect(found.sort()).toEqual(planted.map(([problem, file]) => `${file} ${problem}`).sort());
});

test('this repository keeps the rules of the house', () => {
  expect(houseRules(repository)).toEqual([]);
});
