import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** JavaScript that a bad strategy runs when it is asked for a trial, and how its study is to end. */
export const badPlugins: Readonly<Record<string, { readonly suggest: string; readonly errors: readonly string[]; readonly top?: string }>> = {
  throws: { suggest: `throw new Error('no luck');`, errors: ['PLUGIN_FAILED'] },
  loops: { suggest: `for (;;);`, errors: ['PLUGIN_TIMEOUT'] },
  exits: { suggest: `process.exit(3);`, errors: ['PLUGIN_FAILED'] },
  dies: { suggest: `process.kill(process.pid, 'SIGKILL');`, errors: ['PLUGIN_FAILED', 'PLUGIN_MEMORY'] },
  leaks: { suggest: `const held = []; for (;;) held.push(new Float64Array(2 ** 18).fill(1));`, errors: ['PLUGIN_MEMORY', 'PLUGIN_FAILED'] },
  floods: { suggest: `for (;;) process.stdout.write('x'.repeat(1 << 16));`, errors: ['PLUGIN_TIMEOUT', 'PLUGIN_MEMORY', 'PLUGIN_FAILED'] },
  bloats: { suggest: `return { params: { x: 0 }, memo: 'x'.repeat(100e6), because: { kind: 'default' } };`, errors: ['PLUGIN_FAILED', 'PLUGIN_MEMORY'] },
  strays: { suggest: `return { params: { x: NaN }, because: { kind: 'default' } };`, errors: ['PLUGIN_FAILED'] },
  hangs: { top: `for (;;);`, suggest: '', errors: ['PLUGIN_TIMEOUT'] },
};

/** Installs them as packages of the project in `directory`, beside the home, under `paramo-strategy-NAME`. */
export function installBadPlugins(directory: string): void {
  const modules = join(directory, 'node_modules');
  mkdirSync(join(modules, '@paramo'), { recursive: true });
  symlinkSync(realpathSync(join(dirname(fileURLToPath(import.meta.resolve('@paramo/core'))), '..')), join(modules, '@paramo', 'core'));
  const names = Object.keys(badPlugins).map((name) => `paramo-strategy-${name}`);
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, '1'])) }));
  for (const [kind, { suggest, top = '' }] of Object.entries(badPlugins)) {
    const name = `paramo-strategy-${kind}`;
    mkdirSync(join(modules, name));
    writeFileSync(join(modules, name, 'package.json'), JSON.stringify({ name, version: '1.0.0', type: 'module', exports: { '.': { import: './index.js' } } }));
    writeFileSync(join(modules, name, 'index.js'), `
      import { defineStrategy } from '@paramo/core';
      ${top}
      export default defineStrategy({
        name: '${kind}', version: '1.0.0', description: 'A bad strategy.',
        create: () => ({ observe() {}, suggest() { ${suggest} }, done: () => false }),
      });
    `);
  }
}
