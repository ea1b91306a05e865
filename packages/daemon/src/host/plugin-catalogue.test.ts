import { afterAll, describe, expect, test } from 'vitest';
import { pathToFileURL } from 'node:url';
import { createPluginCatalogue } from './plugin-catalogue.js';
import { packageEntry } from './package-entry.js';
import { parsePluginPackage } from './plugin-name.js';
import { fixtureStopper, fixtureStrategy, installFixtures } from './testing/fixture-plugins.js';

const fixtures = installFixtures({
  '@paramo/strategy-random': fixtureStrategy(),
  'paramo-strategy-annealing': fixtureStrategy(),
  '@acme/paramo-strategy-swarm': fixtureStrategy(),
  'paramo-stopper-fixture': fixtureStopper,
});
afterAll(fixtures.remove);

const catalogue = createPluginCatalogue([...fixtures.sources, { package: 'paramo-strategy-missing', from: fixtures.directory }]);

describe('finding a plugin', () => {
  test('a short name means the first-party package, else the one without a scope', () => {
    expect(catalogue.find('strategy', 'random')).toMatchObject({ package: '@paramo/strategy-random', firstParty: true, version: '1.0.0' });
    expect(catalogue.find('strategy', 'annealing')).toMatchObject({ package: 'paramo-strategy-annealing', firstParty: false });
  });

  test('a package name means itself', () => {
    expect(catalogue.find('strategy', '@acme/paramo-strategy-swarm')).toMatchObject({ name: '@acme/paramo-strategy-swarm', firstParty: false });
    expect(catalogue.find('stopper', 'paramo-stopper-fixture')).toMatchObject({ name: 'fixture' });
  });

  test('the directory may be given as a file URL below the one with node_modules', () => {
    const from = `${pathToFileURL(fixtures.directory).href}/bin/cli.js`;
    expect(createPluginCatalogue([{ package: '@paramo/strategy-random', from }]).find('strategy', 'random').code.directory).toContain(fixtures.directory);
  });

  test('an unknown name is answered with the near miss and what there is', () => {
    expect(() => catalogue.find('strategy', 'radnom')).toThrow(/^UNKNOWN_PLUGIN: no strategy is called "radnom". Did you mean random\? There are: random, annealing, @acme\/paramo-strategy-swarm, missing\.$/);
    expect(() => catalogue.find('strategy', 'zzz')).toThrow(/There are: random/);
    expect(() => catalogue.find('strategy', 'tpe')).toThrow(/^UNKNOWN_PLUGIN: the strategy tpe is not in this release\. There are: random/);
  });

  test('a plugin that the sources do not name is not loaded, though it lies there', () => {
    expect(() => createPluginCatalogue([]).find('strategy', 'paramo-strategy-annealing')).toThrow(/^UNKNOWN_PLUGIN: .* No strategy is installed\.$/);
  });

  test('a name of the other kind is answered with what to write', () => {
    expect(() => catalogue.find('strategy', 'fixture')).toThrow(/^UNKNOWN_PLUGIN: .*fixture is a stopper: give stopper: 'fixture'/);
    expect(() => catalogue.find('strategy', 'paramo-stopper-fixture')).toThrow(/^PLUGIN_MISMATCH: paramo-stopper-fixture is a stopper, not a strategy/);
  });

  test('a plugin that is named but not there is answered with the install command', () => {
    expect(() => catalogue.find('strategy', 'missing')).toThrow(/^PLUGIN_NOT_INSTALLED: .* Run: npm install paramo-strategy-missing$/);
    expect(() => catalogue.find('strategy', 'pbt')).toThrow(/^PLUGIN_NOT_INSTALLED: .* Run: npm install @paramo\/strategy-pbt$/);
    expect(() => catalogue.find('stopper', 'median')).toThrow(/^PLUGIN_NOT_INSTALLED: .* Run: npm install @paramo\/stopper-median$/);
    expect(() => catalogue.find('strategy', 'pbt')).toThrow(/^PLUGIN_NOT_INSTALLED: the strategy pbt is not installed\. Run: npm install @paramo\/strategy-pbt$/);
  });

  test('a source that is no plugin package is refused', () => {
    expect(() => createPluginCatalogue([{ package: 'left-pad', from: '.' }])).toThrow(/^UNKNOWN_PLUGIN: "left-pad" is not the name of a plugin's package/);
  });
});

describe('package names', () => {
  test.each([
    ['@paramo/strategy-random', { kind: 'strategy', short: 'random', firstParty: true }],
    ['paramo-stopper-x', { kind: 'stopper', short: 'x', firstParty: false }],
    ['@acme/paramo-strategy-x', { kind: 'strategy', short: '@acme/paramo-strategy-x', firstParty: false }],
    ['@paramo/core', undefined],
    ['@acme/strategy-x', undefined],
    ['strategy-x', undefined],
  ])('%s reads as %o', (name, expected) => {
    expect(parsePluginPackage(name)).toEqual(expected);
  });
});

describe('the main module of a package', () => {
  test.each([
    [{ exports: './a.js' }, 'file:///p/a.js'],
    [{ exports: { '.': './a.js', './b': './b.js' } }, 'file:///p/a.js'],
    [{ exports: { '.': { types: './a.d.ts', node: { require: './a.cjs', import: './a.js' }, default: './b.js' } } }, 'file:///p/a.js'],
    [{ exports: { import: ['./a.js', './b.js'] } }, 'file:///p/a.js'],
    [{ exports: { '.': { require: './a.cjs' } } }, undefined],
    [{ main: 'lib/a.js' }, 'file:///p/lib/a.js'],
    [{}, 'file:///p/index.js'],
  ])('%j is at %s', (json, expected) => {
    expect(packageEntry('/p', json)).toBe(expected);
  });
});
