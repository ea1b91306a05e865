import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSandbox, isAlive } from '../testing/sandbox.js';
import type { Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.close());

describe('up', () => {
  test('starts the daemon once, says where it listens on stderr, and keeps the home to its owner', async () => {
    const first = await sandbox.paramo('up');
    expect(first).toMatchObject({ code: 0, stdout: '' });
    const { pid, address } = sandbox.daemon();
    expect(first.stderr).toContain(`process ${pid}) listens on ${address}`);
    const second = await sandbox.paramo('up');
    expect(second).toMatchObject({ code: 0, stdout: '' });
    expect(second.stderr).toContain(`daemon runs already (process ${pid})`);
    expect(sandbox.daemon().pid).toBe(pid);
    expect(statSync(sandbox.home).mode & 0o777).toBe(0o700);
    expect(statSync(join(sandbox.home, 'daemon.json')).mode & 0o777).toBe(0o600);
  });

  test('several at the same moment end on one daemon', async () => {
    const ended = await Promise.all([1, 2, 3].map(() => sandbox.paramo('up')));
    expect(ended.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0, 0]);
  });

  test('a second daemon in the foreground is refused and told who has the home', async () => {
    await sandbox.paramo('up');
    const { code, stderr } = await sandbox.paramo('up', '--foreground');
    expect(code).toBe(5);
    expect(stderr).toMatch(new RegExp(`^HOME_LOCKED: .*process ${sandbox.daemon().pid} .*paramo down`));
  });

  test('in the foreground it ends well on SIGINT and on SIGTERM', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const daemon = sandbox.startParamo('up', '--foreground');
      await expect.poll(() => daemon.stderr).toContain('listens on');
      daemon.kill(signal);
      expect(await daemon.ended).toMatchObject({ code: 0, stdout: '' });
    }
    expect(() => readFileSync(join(sandbox.home, 'daemon.json'))).toThrow('ENOENT');
  });

  test('it listens on the port that was asked for, and says so when it cannot', async () => {
    const { server, port } = await takePort();
    try {
      for (const extra of [['--foreground'], []]) {
        const { code, stderr } = await sandbox.paramo('up', '--port', String(port), ...extra);
        expect(code).toBe(5);
        expect(stderr).toMatch(new RegExp(`ADDRESS_IN_USE: .*${port}`));
      }
    } finally {
      server.close();
    }
    expect(await sandbox.paramo('up', '--port', String(port))).toMatchObject({ code: 0 });
    expect(sandbox.daemon().address).toBe(`127.0.0.1:${port}`);
    const other = await sandbox.paramo('up', '--port', String(port === 65535 ? port - 1 : port + 1));
    expect(other.code).toBe(5);
    expect(other.stderr).toMatch(/^HOME_LOCKED: .*not on port/);
  });

  test('a daemon nobody needs ends by itself', async () => {
    const daemon = sandbox.startParamo('up', '--foreground', '--idle-minutes', '0.005');
    expect(await daemon.ended).toMatchObject({ code: 0 });
  });
});

describe('down', () => {
  test('says what to do about a daemon that is stuck, and takes one that was killed for gone', async () => {
    await sandbox.paramo('up');
    const { pid } = sandbox.daemon();
    process.kill(pid, 'SIGSTOP');
    const stuck = await sandbox.paramo('down');
    expect(stuck.code).toBe(4);
    expect(stuck.stderr).toMatch(new RegExp(`^TIMEOUT: the daemon \\(process ${pid}\\) does not answer. End it with .kill ${pid}.`));
    process.kill(pid, 'SIGKILL');
    await expect.poll(async () => (await sandbox.paramo('down')).stderr).toContain('ended without a word');
    expect(await sandbox.paramo('up')).toMatchObject({ code: 0 });
  });
});

describe('homes that cannot be used', () => {
  test('a home that is a file, or lies below one, is refused with what to do', async () => {
    const file = join(sandbox.directory, 'file');
    writeFileSync(file, '');
    for (const home of [file, join(file, 'below')]) {
      for (const extra of [['--foreground'], []]) {
        const { code, stderr } = await sandbox.paramo('up', '--home', home, ...extra);
        expect(code).toBe(7);
        expect(stderr).toMatch(/^HOME_NOT_WRITABLE: the home .*file.* cannot be written.* Make it writable/);
      }
    }
  });

  test('a place where the system allows no directory is refused too', async () => {
    for (const extra of [['--foreground'], []]) {
      const { code, stderr } = await sandbox.paramo('up', '--home', '/proc/paramo', ...extra);
      expect(code).toBe(7);
      expect(stderr).toMatch(/^HOME_NOT_WRITABLE: /);
    }
  });

  test('a script in such a home fails with the same error', async () => {
    const file = join(sandbox.directory, 'file');
    writeFileSync(file, '');
    const { code, stderr } = await sandbox.script(`import { track } from 'paramo'; await track('x', {}, () => {});`, { PARAMO_HOME: join(file, 'below') }).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('HOME_NOT_WRITABLE: ');
  });
});

describe('a daemon of another version', () => {
  test('is recognised by its protocol, and down can end it', async () => {
    const fake = sandbox.run(process.execPath, ['--input-type=module', '-e', otherVersion()]);
    const [, port] = await fake.line(/^port (\d+)$/);
    mkdirSync(sandbox.home, { mode: 0o700 });
    writeFileSync(join(sandbox.home, 'daemon.json'), JSON.stringify({ version: '9.9.9', protocol: 9, pid: fake.pid, instanceId: '01J00000000000000000000000', address: `127.0.0.1:${port}`, token: 't' }));
    for (const args of [['studies'], ['up']]) {
      const { code, stderr } = await sandbox.paramo(...args);
      expect(code).toBe(4);
      expect(stderr).toMatch(/^DAEMON_VERSION: the running daemon \(version 9\.9\.9, .*protocol 9/);
    }
    expect(isAlive(fake.pid)).toBe(true);
    expect(await sandbox.paramo('down')).toMatchObject({ code: 0 });
    await fake.ended;
  });
});

/** A program that answers GetServerInfo with another protocol, and ends on Shutdown. */
function otherVersion(): string {
  const [protocol, grpc] = ['@paramo/protocol', '@grpc/grpc-js'].map((name) => JSON.stringify(import.meta.resolve(name)));
  return `
import { ServerServiceService } from ${protocol};
import grpc from ${grpc};
const server = new grpc.Server();
server.addService(ServerServiceService, {
  getServerInfo: (call, done) => done(null, { version: '9.9.9', protocol: 9, storeFormat: 9, instanceId: '01J00000000000000000000000', pid: process.pid, startedMs: 0n, features: [], maxMessageBytes: 0 }),
  checkHealth: (call, done) => done(null, { findings: [] }),
  replay: (call) => call.end(),
  shutdown: (call, done) => { done(null, {}); setTimeout(() => process.exit(0), 50); },
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => console.log('port ' + port));
`;
}

function takePort(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ server, port: (server.address() as AddressInfo).port })));
}
