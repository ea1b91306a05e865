import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../system-clock.js';
import { workerEntry } from './endpoint.js';
import { createPluginHost } from './plugin-host.js';
import type { PluginHost, PluginSession } from './host.js';
import { fixtureStrategy, installFixtures } from './testing/fixture-plugins.js';
import type { FixtureBodies } from './testing/fixture-plugins.js';
import { eventSource, finishedTrials, studyContext } from './testing/study-fixture.js';

const trial = (params: string): string => `return { params: ${params}, because: { kind: 'default' } };`;

/** What each faulty plugin does, and what the study is told. */
const faults: Readonly<Record<string, { readonly bodies: FixtureBodies; readonly error: RegExp; readonly only?: 'thread' | 'process' }>> = {
  create: { bodies: { create: `throw new Error('no luck');` }, error: /^PLUGIN_FAILED: .* failed in create\(\): no luck/ },
  observe: { bodies: { observe: `throw new Error('bad event');` }, error: /^PLUGIN_FAILED: .* failed in observe\(\): bad event, for study faulty\. Update .* or go on with another strategy/ },
  suggest: { bodies: { suggest: `throw { odd: true };` }, error: /^PLUGIN_FAILED: .* failed in suggest\(\): \[object Object\] was thrown/, only: 'thread' },
  decisions: { bodies: { decisions: `return [{ trial: 0, action: 'stop' }];` }, error: /^PLUGIN_FAILED: .* broke the plugin contract: decisions\(\): reason must be a text/, only: 'thread' },
  loop: { bodies: { suggest: `for (;;);` }, error: /^PLUGIN_TIMEOUT: .* did not come back from an ask within 1\.5 s/ },
  import: { bodies: { top: `for (;;);` }, error: /^PLUGIN_TIMEOUT: .* did not come back from its import within 1\.5 s/, only: 'thread' },
  exit: { bodies: { suggest: `process.exit(3);` }, error: /^PLUGIN_FAILED: .* went down in an ask: .* code 3/ },
  promise: { bodies: { suggest: `return Promise.resolve({ params: { x: 0 } });` }, error: /^PLUGIN_FAILED: .* failed in what it returned: .*could not be cloned/ },
  nan: { bodies: { suggest: trial('{ x: NaN }') }, error: /^PLUGIN_FAILED: .* params must lie in the space: .*x/, only: 'thread' },
  key: { bodies: { suggest: trial('{ y: 1 }') }, error: /^PLUGIN_FAILED: .* params must lie in the space: .*y/, only: 'thread' },
  because: { bodies: { suggest: `return { params: { x: 0 } };` }, error: /^PLUGIN_FAILED: .* suggest\(\): because must be an object, not undefined/, only: 'thread' },
  memo: { bodies: { suggest: `return { params: { x: 0 }, memo: new Map(), because: { kind: 'default' } };` }, error: /^PLUGIN_FAILED: .* memo must be JSON/, only: 'thread' },
  field: { bodies: { suggest: `return { params: { x: 0 }, parms: 1, because: { kind: 'default' } };` }, error: /^PLUGIN_FAILED: .* has the unknown field parms/, only: 'thread' },
  id: { bodies: { suggest: `return { resume: '1', because: { kind: 'default' } };` }, error: /^PLUGIN_FAILED: .* resume must be a whole number from 0, not "1"/, only: 'thread' },
  heap: { bodies: { suggest: `const a = []; for (;;) a.push(new Array(100_000).fill({}));` }, error: /^PLUGIN_MEMORY: .* used more than 150 MB of memory/, only: 'process' },
  arrays: { bodies: { suggest: `const a = []; for (let i = 0; i < 256; i++) a.push(new Float64Array(2 ** 20).fill(1)); return { params: { x: a.length / 256 }, because: { kind: 'default' } };` }, error: /^PLUGIN_MEMORY: .* used more than 150 MB of memory/, only: 'process' },
};

const packages: Record<string, string> = { '@paramo/strategy-steady': fixtureStrategy(), 'paramo-strategy-calm': fixtureStrategy() };
const cases = Object.entries(faults).flatMap(([name, { error, only }]) =>
  [
    { where: 'thread', name: `@paramo/strategy-${name}`, fault: name, error },
    { where: 'process', name: `paramo-strategy-${name}`, fault: name, error },
  ].filter(({ where }) => !only || only === where),
);
for (const { name, fault } of cases) packages[name] = fixtureStrategy(faults[fault]!.bodies);
const fixtures = installFixtures(packages);
afterAll(fixtures.remove);

describe('while one plugin fails, the others go on', () => {
  const through = 12;
  let host: PluginHost;
  /** Its plugins may take long and hold little. */
  let small: PluginHost;
  let steady: PluginSession;
  let calm: PluginSession;

  beforeAll(async () => {
    host = createPluginHost({ sources: () => fixtures.sources, clock: systemClock, threads: 1, callTimeoutMs: 1_500 });
    small = createPluginHost({ sources: () => fixtures.sources, clock: systemClock, memoryLimitMb: 150 });
    steady = await host.open('strategy', { name: 'steady', options: {} }, studyContext({ studyId: 'steady' }), eventSource(finishedTrials(2)));
    calm = await host.open('strategy', { name: 'calm', options: {} }, studyContext({ studyId: 'calm' }), eventSource(finishedTrials(2)));
    await steady.ask(through, { suggestion: true });
  });
  afterAll(() => Promise.all([host.close(), small.close()]));

  test.each(cases)('$fault in a $where ends in an error of its own study', async ({ name, error }) => {
    const opened = (String(error).includes('PLUGIN_MEMORY') ? small : host).open('strategy', { name, options: {} }, studyContext({ studyId: 'faulty' }), eventSource(finishedTrials(1)));
    const failed = opened.then((session) => session.ask(6, { suggestion: true }));
    failed.catch(() => {});
    await opened.catch(() => {});
    const others = await Promise.all([steady.ask(through, { suggestion: true }), calm.ask(through, { suggestion: true }), steady.ask(6, { suggestion: false })]);
    await expect(failed).rejects.toThrow(error);
    expect(others).toMatchObject([{ suggestion: { memo: { own: 2, seen: 6 } } }, { suggestion: { memo: { own: 2, seen: 6 } } }, { position: 6 }]);
    await opened.then((session) => session.close(), () => {});
  });

  test('a session that failed can be asked again', async () => {
    const session = await host.open('strategy', { name: '@paramo/strategy-exit', options: {} }, studyContext(), eventSource([]));
    await expect(session.ask(0, { suggestion: true })).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    await expect(session.ask(0, { suggestion: false })).resolves.toMatchObject({ position: 0 });
  });
});

test('a plugin that loops does not outlive a daemon that was killed', async () => {
  const pidFile = join(fixtures.directory, 'pid');
  fixtures.install('paramo-strategy-orphan', fixtureStrategy({ top: `import { writeFileSync } from 'node:fs';`, suggest: `writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); for (;;);` }));
  const daemon = spawn(process.execPath, ['--input-type=module', '-e', `
    const { createPluginHost } = await import(${JSON.stringify(new URL('./plugin-host.js', workerEntry('process-worker')).href)});
    const { systemClock } = await import(${JSON.stringify(new URL('../system-clock.js', workerEntry('process-worker')).href)});
    const host = createPluginHost({ sources: () => [{ package: 'paramo-strategy-orphan', from: ${JSON.stringify(fixtures.directory)} }], clock: systemClock });
    const session = await host.open('strategy', { name: 'orphan', options: {} }, ${JSON.stringify(studyContext())}, function* () {});
    await session.ask(0, { suggestion: true });
  `], { stdio: 'inherit' });
  await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
  const pid = Number(readFileSync(pidFile, 'utf8'));
  expect(isAlive(pid)).toBe(true);
  daemon.kill('SIGKILL');
  await until(() => !isAlive(pid));
});

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !holds(); ) {
    if (Date.now() > end) throw new Error('it did not come about within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether a process runs; one that is dead and not yet collected does not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
