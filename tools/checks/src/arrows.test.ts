import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cruise } from './cruise.js';
import { repository } from './repository.js';

/** Imports that must fail: the rule that catches each, the file that holds it, what it imports. */
const planted: readonly (readonly [rule: string, file: string, imports: string])[] = [
  ['core-imports-nothing', 'packages/core/src/a.ts', '@paramo/protocol'],
  ['core-imports-nothing', 'packages/core/src/b.test.ts', '@paramo/strategy-grid'],
  ['core-is-pure', 'packages/core/src/c.ts', 'node:fs'],
  ['core-is-pure', 'packages/core/src/d.ts', 'lodash'],
  ['core-is-pure', 'packages/core/src/testing/e.ts', 'vitest'],
  ['plugin-imports-core', 'packages/strategy-grid/src/a.ts', '@paramo/protocol'],
  ['plugin-imports-core', 'packages/strategy-grid/src/b.ts', '@paramo/client'],
  ['plugin-imports-core', 'packages/strategy-grid/src/c.ts', '@paramo/daemon'],
  ['plugin-imports-core', 'packages/strategy-grid/src/d.ts', '@paramo/stopper-median'],
  ['plugin-imports-core', 'packages/stopper-median/src/a.ts', '@paramo/daemon'],
  ['plugin-imports-core', 'packages/stopper-median/src/b.ts', '@paramo/strategy-grid'],
  ['plugin-is-pure', 'packages/strategy-grid/src/e.ts', 'node:fs'],
  ['plugin-is-pure', 'packages/stopper-median/src/c.ts', 'lodash'],
  ['protocol-imports-core', 'packages/protocol/src/a.ts', '@paramo/client'],
  ['protocol-imports-core', 'packages/protocol/src/b.ts', '@paramo/daemon'],
  ['client-imports-protocol-core', 'packages/client/src/a.ts', '@paramo/daemon'],
  ['client-imports-protocol-core', 'packages/client/src/b.ts', '@paramo/strategy-grid'],
  ['client-stays-light', 'packages/client/src/c.ts', 'lodash'],
  ['daemon-imports-protocol-core', 'packages/daemon/src/a.ts', '@paramo/client'],
  ['daemon-imports-protocol-core', 'packages/daemon/src/b.ts', '@paramo/strategy-grid'],
  ['daemon-imports-protocol-core', 'packages/daemon/src/b.test.ts', '@paramo/client'],
  ['daemon-store-not-service', 'packages/daemon/src/store/a.ts', '../service/index.js'],
  ['daemon-store-not-tuner', 'packages/daemon/src/store/b.ts', '../tuner/index.js'],
  ['daemon-tuner-not-service', 'packages/daemon/src/tuner/a.ts', '../service/index.js'],
  ['adapter-imports-client', 'packages/adapter-tfjs/src/a.ts', '@paramo/daemon'],
  ['adapter-imports-client', 'packages/adapter-tfjs/src/b.ts', '@paramo/protocol'],
  ['dashboard-imports-client', 'apps/dashboard/src/a.ts', '@paramo/daemon'],
  ['cli-imports-daemon-client', 'apps/cli/src/a.ts', '@paramo/strategy-grid'],
  ['cli-imports-daemon-client', 'apps/cli/src/b.ts', '@paramo/adapter-tfjs'],
  ['demo-imports-adapter', 'apps/cli/src/demo/a.ts', '@paramo/daemon'],
  ['demo-imports-adapter', 'apps/cli/src/demo/b.ts', '@paramo/strategy-random'],
  ['package-not-to-app', 'packages/client/src/d.ts', 'paramo'],
  ['package-not-to-app', 'packages/adapter-tfjs/src/c.ts', '@paramo/dashboard'],
  ['product-not-to-tools', 'apps/cli/src/c.ts', '@paramo/bench'],
  ['product-not-to-tools', 'packages/client/src/e.ts', '@paramo/checks'],
  ['no-deep-import', 'packages/client/src/f.ts', '@paramo/core/src/index.js'],
  ['no-deep-import', 'apps/cli/src/d.ts', '@paramo/daemon/dist/index.js'],
  ['no-reach-inside', 'packages/client/src/g.ts', '../../core/src/index.js'],
  ['no-reach-inside', 'apps/cli/src/e.ts', '../../../packages/daemon/src/index.js'],
  ['plugin-is-pure', 'packages/strategy-grid/src/g.ts', '@grpc/grpc-js'],
  ['testing-only-in-tests', 'packages/strategy-grid/src/f.ts', '@paramo/core/testing'],
  ['no-cycle', 'packages/daemon/src/cycle-a.ts', './cycle-b.js'],
  ['no-test-imported', 'packages/daemon/src/h.ts', './some.test.js'],
];

/** Imports that must pass, so that no rule is so wide that it proves nothing. */
const allowed: readonly (readonly [file: string, imports: string])[] = [
  ['packages/core/src/ok.ts', './index.js'],
  ['packages/core/src/ok.test.ts', 'vitest'],
  ['packages/strategy-grid/src/ok.ts', '@paramo/core'],
  ['packages/strategy-grid/src/ok.test.ts', '@paramo/core/testing'],
  ['packages/stopper-median/src/ok.ts', '@paramo/core'],
  ['packages/stopper-median/src/ok-too.ts', 'node:module'],
  ['packages/protocol/src/ok.ts', '@paramo/core'],
  ['packages/client/src/ok.ts', '@paramo/protocol'],
  ['packages/client/src/also-ok.ts', '@grpc/grpc-js'],
  ['packages/client/src/ok-too.ts', 'node:fs'],
  ['packages/daemon/src/ok.ts', '@paramo/protocol'],
  ['packages/daemon/src/service/ok.ts', '../tuner/index.js'],
  ['packages/daemon/src/service/ok-too.ts', '../store/index.js'],
  ['packages/daemon/src/tuner/ok.ts', '../store/index.js'],
  ['packages/adapter-tfjs/src/ok.ts', '@paramo/client'],
  ['apps/dashboard/src/ok.ts', '@paramo/client'],
  ['apps/cli/src/ok.ts', '@paramo/daemon'],
  ['apps/cli/src/ok-too.ts', '@paramo/client'],
  ['apps/cli/src/ok-three.ts', '@paramo/core'],
  ['apps/cli/src/ok-four.ts', '@paramo/protocol'],
  ['apps/cli/src/ok.test.ts', '@paramo/strategy-random'],
  ['apps/cli/src/demo/ok.ts', '@paramo/adapter-tfjs'],
  ['tools/bench/src/ok.ts', '@paramo/daemon'],
];

const distReach = 'apps/cli/src/dist-reach.ts';

const folders = [
  ...['core', 'protocol', 'client', 'daemon', 'strategy-grid', 'stopper-median', 'adapter-tfjs'].map((name) => `packages/${name}`),
  ...['apps/cli', 'apps/dashboard', 'tools/bench', 'tools/checks'],
];

const made: string[] = [];
afterAll(() => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function plant(root: string, file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

/** A small workspace with the same rooms and the same rules; `built` says whether it has dist folders and links to them. */
function smallWorkspace(built: boolean): string {
  const root = mkdtempSync(join(tmpdir(), 'paramo-arrows-'));
  made.push(root);
  cpSync(join(repository, '.dependency-cruiser.cjs'), join(root, '.dependency-cruiser.cjs'));
  plant(root, 'package.json', JSON.stringify({ name: 'small', private: true, type: 'module', workspaces: folders }));
  for (const folder of folders) {
    const name = folder === 'apps/cli' ? 'paramo' : `@paramo/${folder.replace(/.*\//, '')}`;
    const exports = { '.': './dist/index.js', './testing': './dist/testing/index.js' };
    plant(root, `${folder}/package.json`, JSON.stringify({ name, type: 'module', exports }));
    plant(root, `${folder}/src/index.ts`, 'export const name = 1;\n');
    if (!built) continue;
    plant(root, `${folder}/dist/index.js`, 'export const name = 1;\n');
    plant(root, `${folder}/dist/testing/index.js`, 'export const name = 1;\n');
    mkdirSync(join(root, 'node_modules', dirname(name)), { recursive: true });
    symlinkSync(join(root, folder), join(root, 'node_modules', name));
  }
  for (const room of ['store', 'service', 'tuner']) plant(root, `packages/daemon/src/${room}/index.ts`, 'export const name = 1;\n');
  return root;
}

describe.each([
  ['a built workspace', true],
  ['a workspace that was never built', false],
])('in %s', (_, built) => {
  const clean = smallWorkspace(built);
  for (const [file, imports] of allowed) plant(clean, file, `import { name } from '${imports}';\nexport const x = name;\n`);
  const dirty = smallWorkspace(built);
  plant(dirty, 'packages/daemon/src/cycle-b.ts', "export { x } from './cycle-a.js';\n");
  plant(dirty, 'packages/daemon/src/some.test.ts', 'export const name = 1;\n');
  for (const [, file, imports] of planted) plant(dirty, file, `import type { name } from '${imports}';\nexport type x = typeof name;\n`);
  plant(dirty, distReach, "export { name } from '../../../packages/daemon/dist/index.js';\n");
  const found = cruise(dirty);

  test('the lint passes where every import follows the arrows', () => {
    expect(cruise(clean)).toEqual({ status: 0, violations: [] });
  });

  test('the lint fails where imports break them', () => {
    expect(found.status).toBeGreaterThan(0);
  });

  test.each(planted)('%s catches %s importing %s', (rule, file) => {
    expect(found.violations.filter(({ from }) => from === file).map((violation) => violation.rule)).toContain(rule);
  });

  test("a relative path into another package's dist is caught", () => {
    const rule = built ? 'no-reach-inside' : 'no-deep-import';
    expect(found.violations).toContainEqual(expect.objectContaining({ rule, from: distReach }));
  });

  test('no file is blamed that holds no violation', () => {
    const guilty = new Set([...planted.map(([, file]) => file), distReach, 'packages/daemon/src/cycle-b.ts']);
    expect(found.violations.filter(({ from }) => !guilty.has(from))).toEqual([]);
  });
});

test('every import of this repository follows the arrows', () => {
  expect(cruise(repository)).toEqual({ status: 0, violations: [] });
});
