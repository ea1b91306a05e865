import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '@paramo/core';
import type { ErrorCode } from '@paramo/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodeOf, exitCodes } from './exit-code.js';
import { createSandbox } from './testing/sandbox.js';
import type { Sandbox } from './testing/sandbox.js';

test('every error code comes to an exit code of the table', () => {
  const known = new Set<number>(Object.values(exitCodes).map(({ code }) => code));
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    expect(known).toContain(exitCodeOf(code));
    expect(exitCodeOf(code)).not.toBe(0);
  }
});

describe('the exit code says what happened', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = createSandbox();
    const { code } = await sandbox.script(`import { track } from 'paramo'; await track('mnist', { params: { lr: 1 } }, () => {});`).ended;
    expect(code).toBe(0);
  });
  afterAll(() => sandbox.close());

  test('an unknown study is 3 and names the near miss', async () => {
    for (const command of ['trials', 'best', 'watch', 'export', 'replay']) {
      const { code, stdout, stderr } = await sandbox.paramo(command, 'mnits');
      expect({ command, code, stdout }).toEqual({ command, code: 3, stdout: '' });
      expect(stderr).toMatch(/^STUDY_NOT_FOUND: there is no study "mnits". Did you mean "mnist"\?/);
    }
  });

  test('an unknown plugin is 3 and names the near miss', async () => {
    const { code, stderr } = await sandbox.paramo('plugins', 'randm');
    expect(code).toBe(3);
    expect(stderr).toContain('Did you mean "random"?');
  });

  test('where there is no home nothing is made, and it is 3', async () => {
    const home = join(sandbox.directory, 'none');
    const { code, stderr } = await sandbox.paramo('studies', '--home', home);
    expect(code).toBe(3);
    expect(stderr).toContain(`there is no home at ${home}`);
    expect(existsSync(home)).toBe(false);
    expect(await sandbox.paramo('doctor', '--home', home)).toMatchObject({ code: 0 });
    expect(existsSync(home)).toBe(false);
  });

  test('a daemon that does not answer is 4', async () => {
    const { code, stderr } = await sandbox.paramo('studies', '--address', '127.0.0.1:1');
    expect(code).toBe(4);
    expect(stderr).toMatch(/^DAEMON_UNREACHABLE: no daemon answers at 127\.0\.0\.1:1 /);
  });

  test('an address without its token is 7, with it all is well', async () => {
    const { address, token } = sandbox.daemon();
    const { code, stderr } = await sandbox.paramo('studies', '--address', address, '--token', 'wrong');
    expect(code).toBe(7);
    expect(stderr).toMatch(/^UNAUTHENTICATED: /);
    expect(await sandbox.paramo('studies', '--address', address, '--token', token)).toMatchObject({ code: 0 });
  });

  test('what cannot be parsed is 2, and a typo gets a suggestion', async () => {
    const cases: readonly (readonly [string[], string])[] = [
      [['trails', 'mnist'], 'Did you mean trials?'],
      [['studies', '--jsn'], 'Did you mean --json?'],
      [['trials'], "missing required argument 'study'"],
      [['trials', 'mnist', '--limit', 'many'], 'Give a whole number from 1.'],
      [['up', '--port', '70000'], 'Give a whole number from 0 to 65535.'],
      [['export', 'mnist', '--format', 'xml'], 'Allowed choices are json, csv.'],
      [['trials', 'mnist', '--filter', 'state = complete'], 'completed'],
      [['trials', 'mnist', '--order', 'stat'], 'state'],
      [[], 'Usage: paramo'],
    ];
    for (const [args, said] of cases) {
      const { code, stdout, stderr } = await sandbox.paramo(...args);
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
      expect(stderr).toContain(said);
    }
  });

  test('help and version go to stdout with 0; help shows examples first and every exit code', async () => {
    const { code, stdout, stderr } = await sandbox.paramo('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Examples:\n {2}\$ paramo /);
    for (const { code: exitCode, meaning } of Object.values(exitCodes)) expect(stdout).toContain(`${String(exitCode).padEnd(4)} ${meaning}`);
    expect((await sandbox.paramo('trials', '--help')).stdout).toMatch(/^Examples:\n[\s\S]*--filter[\s\S]*--home/);
    expect((await sandbox.paramo('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
