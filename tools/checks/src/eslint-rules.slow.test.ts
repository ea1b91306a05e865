import { ESLint } from 'eslint';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from './repository.js';

const core = 'packages/core/src/index.ts';
const plugin = 'packages/strategy-grid/src/index.ts';
const client = 'packages/client/src/index.ts';
const daemon = 'packages/daemon/src/index.ts';
const cli = 'apps/cli/src/index.ts';

/** Code that must fail: the rule that catches it, the file it would stand in, the code. */
const planted: readonly (readonly [rule: string, file: string, code: string])[] = [
  ['no-restricted-properties', core, 'Math.random();'],
  ['no-restricted-properties', plugin, 'Date.now();'],
  ['no-restricted-properties', plugin, 'Math.exp(2);'],
  ['no-restricted-syntax', plugin, 'const x = 3; x ** 0.5;'],
  ['no-restricted-syntax', plugin, 'new Date();'],
  ['no-restricted-globals', core, 'setTimeout(() => {}, 1);'],
  ['no-restricted-globals', core, 'process.exit();'],
  ['no-restricted-properties', client, 'Date.now();'],
  ['no-restricted-globals', client, 'setTimeout(() => {}, 1);'],
  ['no-restricted-imports', daemon, "import { setTimeout } from 'node:timers/promises'; void setTimeout;"],
  ['no-restricted-imports', daemon, "import { randomUUID } from 'node:crypto'; void randomUUID;"],
  ['no-restricted-properties', daemon, 'declare const store: { transactionSync(): void }; store.transactionSync();'],
  ['no-restricted-syntax', cli, "export * from './bin.js';"],
  ['no-restricted-syntax', cli, 'enum Colour { red }'],
  ['no-restricted-syntax', cli, 'export default 1;'],
  ['house/documented-exports', cli, 'export const x = 1;'],
  ['max-lines', cli, '// line\n'.repeat(401)],
  ['@typescript-eslint/no-floating-promises', cli, 'Promise.resolve(1);'],
  ['@typescript-eslint/no-misused-promises', cli, '[1].forEach(async () => {});'],
  ['@typescript-eslint/consistent-type-imports', cli, "import { Stats } from 'node:fs'; export type { Stats };"],
  ['@typescript-eslint/no-explicit-any', cli, 'const x: any = 1; void x;'],
  ['@typescript-eslint/ban-ts-comment', cli, '// @ts-ignore\nvoid 0;'],
  ['no-restricted-properties', core, '/* eslint-disable */ Math.random();'],
];

/** Code that must pass where it stands. */
const allowed: readonly (readonly [file: string, code: string])[] = [
  [core, '/** A constant. */\nexport const x: number = 2 ** -53 + Math.sqrt(2) + new Date(0).getTime();\n'],
  [plugin, "const gridStrategy = { name: 'grid' };\nexport default gridStrategy;\n"],
  [cli, '/** The time. */\nexport const now: number = Date.now();\n'],
  [client, "import { createHash } from 'node:crypto';\nvoid createHash;\n"],
];

const eslint = new ESLint({ cwd: repository });

async function rulesBrokenBy(file: string, code: string): Promise<readonly (string | null)[]> {
  const results = await eslint.lintText(code, { filePath: join(repository, file) });
  return results.flatMap(({ messages }) => messages.filter(({ severity }) => severity === 2).map(({ ruleId }) => ruleId));
}

test.each(planted)('%s in %s refuses: %s', async (rule, file, code) => {
  expect(await rulesBrokenBy(file, code)).toContain(rule);
});

test.each(allowed)('nothing in %s refuses: %s', async (file, code) => {
  expect(await rulesBrokenBy(file, code)).toEqual([]);
});
