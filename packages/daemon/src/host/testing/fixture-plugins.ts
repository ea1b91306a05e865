import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginSource } from '../host.js';

/** Packages in a temporary directory, as npm would have put them there. */
export interface FixturePackages {
  readonly directory: string;
  readonly sources: readonly PluginSource[];
  /** Writes a package, or a new version of it. */
  install(name: string, code: string, version?: string): void;
  remove(): void;
}

/** Installs packages by name with the given code, which may import `@paramo/core`. */
export function installFixtures(packages: Readonly<Record<string, string>>): FixturePackages {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'paramo-plugins-')));
  const modules = join(directory, 'node_modules');
  const core = join(dirname(fileURLToPath(import.meta.resolve('@paramo/core'))), '..');
  mkdirSync(join(modules, '@paramo'), { recursive: true });
  symlinkSync(realpathSync(core), join(modules, '@paramo', 'core'));
  const install = (name: string, code: string, version = '1.0.0'): void => {
    const home = join(modules, name);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name, version, type: 'module', exports: { '.': { import: './index.js' } } }));
    writeFileSync(join(home, 'index.js'), code);
  };
  for (const [name, code] of Object.entries(packages)) install(name, code);
  return {
    directory,
    sources: Object.keys(packages).map((name) => ({ package: name, from: directory })),
    install,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** What differs between fixture plugins: JavaScript for a method body each. */
export interface FixtureBodies {
  readonly top?: string;
  readonly create?: string;
  readonly observe?: string;
  readonly suggest?: string;
  readonly decisions?: string;
  readonly milestones?: string;
  /** Further fields of the definition. */
  readonly fields?: string;
}

/** A strategy that draws params by the count of its own trials and sums what it observes into `memo`. */
export function fixtureStrategy(bodies: FixtureBodies = {}): string {
  return `
    import { defineStrategy } from '@paramo/core';
    ${bodies.top ?? ''}
    export default defineStrategy({
      name: 'fixture', version: '0', description: 'A strategy for tests.',
      options: { trials: { type: 'integer', minimum: 1, default: 1000000, description: 'How many.' } },
      ${bodies.fields ?? ''}
      ${bodies.milestones ? `milestones(context) { ${bodies.milestones} },` : ''}
      create(context) {
        ${bodies.create ?? ''}
        let own = 0, sum = 0, seen = 0;
        return {
          observe(event) {
            ${bodies.observe ?? ''}
            seen++;
            if (event.kind === 'created' && event.own) own++;
            if (event.kind === 'ended') sum += event.value ?? 0;
          },
          suggest() {
            ${bodies.suggest ?? ''}
            return { params: context.space.fromUnit([context.random(own).next()]), memo: { own, sum, seen }, because: { kind: 'design', detail: 'draw ' + own } };
          },
          done() { return own >= context.options.trials; },
          ${bodies.decisions ? `decisions() { ${bodies.decisions} },` : ''}
        };
      },
    });`;
}

/** A stopper that stops whoever reported above 10 and resumes trial 7 once it is paused. */
export const fixtureStopper: string = `
  import { defineStopper } from '@paramo/core';
  export default defineStopper({
    name: 'fixture', version: '0', description: 'A stopper for tests.', options: {},
    create() {
      const bad = new Set();
      let paused = false;
      return {
        observe(event) {
          if (event.kind === 'reported' && event.values.loss > 10) bad.add(event.trial);
          if (event.kind === 'ended' || event.kind === 'decided') bad.delete(event.trial);
          if (event.kind === 'yielded') paused = event.to === 'paused' && event.trial === 7;
        },
        decisions() { return [...bad].map((trial) => ({ trial, action: 'stop', reason: 'above 10' })); },
        resume() { return paused ? { resume: 7, because: { kind: 'promotion', detail: 'the best' } } : undefined; },
      };
    },
  });`;
