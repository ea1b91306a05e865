import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeBlocks } from './testing/code-blocks.js';
import { findPython } from './testing/find-python.js';
import { createSandbox } from './testing/sandbox.js';
import type { Sandbox } from './testing/sandbox.js';
import { packageDirectory } from './version.js';

const repository = join(packageDirectory, '..', '..');
const docs = join(repository, 'docs');
const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...readdirSync(docs).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

/** Its programs know nothing of Paramo's packages: `end-to-end/any-language.slow.test.ts` runs them. */
const ofStrangers = 'docs/ANY_LANGUAGE.md';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
  const modules = join(sandbox.directory, 'node_modules');
  mkdirSync(join(modules, '@paramo'));
  for (const name of ['adapter-tfjs', 'client', 'core', 'strategy-pbt']) symlinkSync(join(repository, 'packages', name), join(modules, '@paramo', name));
  writeFileSync(join(sandbox.directory, 'train.py'), trainer);
  symlinkSync(join(repository, 'node_modules', '@tensorflow'), join(modules, '@tensorflow'));
  writeFileSync(join(sandbox.directory, 'package.json'), '{ "type": "module", "dependencies": { "@paramo/strategy-pbt": "*" } }');
});
afterEach(() => sandbox.close());

/** What `paramo run` is shown with: a trainer that prints. */
const trainer = `import argparse
parser = argparse.ArgumentParser()
parser.add_argument('--lr', type=float)
parser.add_argument('--opt')
parser.add_argument('--layers', type=int)
options = parser.parse_args()
for epoch in range(3):
    print(f'epoch {epoch} val_loss={options.lr + 1 / (epoch + 1):.4f}')
`;

/** Compiles all programs at once, as a user with strict settings would, into `built/`. */
function compile(files: readonly string[]): void {
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023', '--skipLibCheck', '--types', 'node', '--typeRoots', join(repository, 'node_modules', '@types')];
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...options, '--outDir', 'built', ...files], { cwd: sandbox.directory, encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
}

describe.each(pages)('%s', (page) => {
  const blocks = codeBlocks(page);
  const programs = blocks.filter(({ language }) => page !== ofStrangers && ['ts', 'js', 'python'].includes(language));

  test('shows programs that compile, and run one after another in one home', { timeout: 300_000 }, async () => {
    const withPython = programs.some(({ language }) => language === 'python') && findPython() !== undefined;
    if (programs.length > 0) {
      programs.forEach(({ code, line, language }) => writeFileSync(join(sandbox.directory, `line-${line}.${language}`), code));
      compile(programs.filter(({ language }) => language === 'ts').map(({ line }) => `line-${line}.ts`));
    }
    for (const { line, language } of programs) {
      if (language === 'python' && !withPython) continue;
      const program = language === 'ts' ? `built/line-${line}.js` : `line-${line}.${language}`;
      const { code, stderr } = await sandbox.run(language === 'python' ? findPython()! : process.execPath, [program]).ended;
      expect(`line ${line} ends with ${code}\n${code === 0 ? '' : stderr}`).toBe(`line ${line} ends with 0\n`);
    }
    const commands = blocks.filter(({ language }) => language === 'sh').flatMap(({ code }) => code.split('\n').filter((line) => line.startsWith('npx paramo ')));
    for (const command of commands) {
      const { code, stderr, stdout } = await sandbox.run('/bin/sh', ['-c', command.replace(/^npx paramo/, '"$0" "$1"'), process.execPath, join(packageDirectory, 'dist', 'bin.js')]).ended;
      expect(`${command} ends with ${code}\n${code === 0 ? '' : stderr + stdout}`).toBe(`${command} ends with 0\n`);
    }
  });

  // `py`: programs for other libraries, which are not installed here.
  test('marks every block as a program, a command or plain text', () => {
    expect(blocks.map(({ language }) => language).filter((language) => !['ts', 'js', 'python', 'py', 'sh', 'text', ''].includes(language))).toEqual([]);
  });
});

test('the README names the two commands, each in a block of its own', () => {
  const commands = codeBlocks('README.md').filter(({ language }) => language === 'sh').map(({ code }) => code.trim());
  expect(commands).toEqual(expect.arrayContaining(['npm install && npm run demo', 'npm install && npm test']));
});

test('the README links to files that are there', () => {
  const links = [...readFileSync(join(repository, 'README.md'), 'utf8').matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path!);
  const found = readdirSync(repository, { recursive: false }).map(String);
  for (const link of links) expect(found).toContain(link.split('/')[0]);
});
