import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readPluginSources } from './plugin-sources.js';

function project(files: { config?: unknown; manifest?: unknown }): { readonly home: string; readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), 'paramo-sources-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const home = join(root, '.paramo');
  mkdirSync(home);
  const write = (path: string, content: unknown): void => {
    if (content !== undefined) writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  };
  write(join(home, 'config.json'), files.config);
  write(join(root, 'package.json'), files.manifest);
  return { home, root };
}

const bundled = { package: '@paramo/strategy-random', from: '/opt/paramo' };

test('without any configuration there is what the composition root gives', () => {
  expect(readPluginSources(project({}).home, [bundled])).toEqual([bundled]);
});

test('the config names packages of any name, resolved from the home', () => {
  const { home } = project({ config: { plugins: ['my-search', '@lab/tuner'] } });
  expect(readPluginSources(home, [bundled])).toEqual([bundled, { package: 'my-search', from: home }, { package: '@lab/tuner', from: home }]);
});

test('of the dependencies of the project those with a plugin\'s name count, and nothing else', () => {
  const dependencies = {
    '@paramo/strategy-pbt': '1', '@paramo/stopper-asha': '1', 'paramo-strategy-x': '1', 'paramo-stopper-y': '1', '@lab/paramo-strategy-z': '1', '@lab/paramo-stopper-z': '1',
    '@paramo/client': '1', paramo: '1', 'my-paramo-strategy-x': '1', '@lab/strategy-x': '1', 'paramo-strategy-': '1', 'strategy-x': '1',
  };
  const { home, root } = project({ manifest: { dependencies, devDependencies: { 'paramo-strategy-dev': '1' } } });
  expect(readPluginSources(home, []).map((source) => source.package)).toEqual([...Object.keys(dependencies).slice(0, 6), 'paramo-strategy-dev']);
  expect(readPluginSources(home, []).every((source) => source.from === root)).toBe(true);
});

test('of a package named twice the first place holds', () => {
  const { home } = project({ config: { plugins: [bundled.package] }, manifest: { dependencies: { [bundled.package]: '9' } } });
  expect(readPluginSources(home, [bundled])).toEqual([bundled]);
});

test.each([
  ['[]', 'it is not one JSON object'],
  ['{', 'it is not one JSON object'],
  [{ plugin: ['x'] }, 'it has the unknown key "plugin"; did you mean "plugins"?'],
  [{ plugins: 'x' }, '"plugins" is not a list'],
  [{ plugins: ['../x'] }, '"plugins" has "../x", which is no package name'],
  [{ plugins: ['/etc/x'] }, '"plugins" has "/etc/x", which is no package name'],
  [{ plugins: [3] }, '"plugins" has 3, which is no package name'],
])('a config of %j is refused', (config, why) => {
  const { home } = project({ config });
  expect(() => readPluginSources(home, [])).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining(why) }));
});

test('a package.json that makes no sense gives no plugins', () => {
  for (const manifest of ['{', '[]', { dependencies: null }, { dependencies: ['paramo-strategy-x'] }]) {
    expect(readPluginSources(project({ manifest }).home, [])).toEqual([]);
  }
});
