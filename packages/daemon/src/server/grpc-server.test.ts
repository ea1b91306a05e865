import { once } from 'node:events';
import { renameSync, statSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Metadata, status } from '@grpc/grpc-js';
import { ParamoError } from '@paramo/core';
import { GetArtifactResponse, GetServerInfoResponse, ReportRequest, ReportResponse } from '@paramo/protocol';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../system-clock.js';
import { serveGrpc } from './grpc-server.js';
import { answered, bearer, failure, openClients, serve, token } from './testing/serve-handlers.js';

const info = GetServerInfoResponse.create({ version: '1.2.3', protocol: 1 });
const server = { getServerInfo: async () => info };
const never = new Promise<never>(() => {});

test('a call on the socket needs no token, and only its owner can open the socket', async () => {
  const { socket, clients } = await serve({ server });
  expect(await answered((done) => clients.server.getServerInfo({}, done))).toMatchObject({ version: '1.2.3' });
  expect(statSync(socket).mode & 0o777).toBe(0o600);
});

test('a call on the loopback port is answered with the token, and refused without it before its message is read', async () => {
  const handle = vi.fn(server.getServerInfo);
  const served = await serve({ server: { getServerInfo: handle } });
  expect(served.server.address).toMatch(/^127\.0\.0\.1:\d+$/);
  const clients = openClients(served.server.address);
  for (const metadata of [new Metadata(), bearer('wrong'), bearer(`${token}x`), bearer('')]) {
    const error = await failure(answered((done) => clients.server.getServerInfo({}, metadata, done)));
    expect(error.code).toBe('UNAUTHENTICATED');
    expect(error.hint).toContain('daemon.json');
  }
  expect(handle).not.toHaveBeenCalled();
  expect(await answered((done) => clients.server.getServerInfo({}, bearer(token), done))).toMatchObject({ version: '1.2.3' });
});

test('an error of a handler arrives with code, message, hint and details', async () => {
  const thrown = new ParamoError({ code: 'STUDY_NOT_FOUND', message: 'no study "mnits" \ud800', hint: 'Did you mean "mnist"?', details: { near: 'mnist' } });
  const { clients } = await serve({ server: { getServerInfo: () => Promise.reject(thrown) } });
  const error = await failure(answered((done) => clients.server.getServerInfo({}, done)));
  expect(error).toMatchObject({ code: 'STUDY_NOT_FOUND', hint: 'Did you mean "mnist"?', details: { near: 'mnist' } });
  expect(error.summary).toContain('no study "mnits"');
});

test('a method without a handler is answered as unknown', async () => {
  const { clients } = await serve({});
  expect(await answered((done) => clients.server.getServerInfo({}, done)).catch((error: unknown) => error)).toMatchObject({ code: status.UNIMPLEMENTED });
});

test('a slow reader holds the handler back, and gets everything', async () => {
  const blocks = 400;
  const block = Buffer.alloc(64 * 1024, 7);
  let given = 0;
  const { server: served } = await serve({
    artifact: {
      async *getArtifact() {
        for (; given < blocks; given++) yield GetArtifactResponse.create({ part: { $case: 'content', value: block } });
      },
    },
  });
  // A bare HTTP/2 client: grpc-js itself would take in several megabytes before it makes the server wait.
  const session = connectHttp2(`http://${served.address}`);
  const call = session.request({ ':method': 'POST', ':path': '/paramo.v1.ArtifactService/GetArtifact', 'content-type': 'application/grpc', te: 'trailers', authorization: `Bearer ${token}` });
  call.end(Buffer.alloc(5));
  await pause(500);
  const ahead = given;
  expect(ahead).toBeGreaterThan(0);
  expect(ahead).toBeLessThan(40);
  await pause(100);
  expect(given).toBe(ahead);
  let received = 0;
  for await (const bytes of call as AsyncIterable<Buffer>) received += bytes.length;
  expect(received).toBeGreaterThan(blocks * block.length);
  expect(given).toBe(blocks);
  session.destroy();
});

test('a slow handler holds the writer back', async () => {
  let taken = 0;
  let goOn = (): void => {};
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  const { clients } = await serve({
    trial: {
      async *report(requests) {
        for await (const _ of requests) if (++taken === 1) await gate;
        yield ReportResponse.create();
      },
    },
  });
  const call = clients.trial.report();
  const message = ReportRequest.create({ writerId: 'w'.repeat(100_000) });
  let accepted = 0;
  for (let i = 0; i < 200; i++) call.write(message, () => accepted++);
  await pause(500);
  expect(taken).toBe(1);
  expect(accepted).toBeLessThan(60);
  goOn();
  call.end();
  for await (const _ of call);
  expect(taken).toBe(200);
});

test('a caller who cancels aborts the signal, ends the requests with an error and returns the responses', async () => {
  const seen: string[] = [];
  const { clients } = await serve({
    trial: {
      async *report(requests, { signal }) {
        signal.addEventListener('abort', () => seen.push((signal.reason as ParamoError).code));
        try {
          yield ReportResponse.create();
          for await (const _ of requests) yield ReportResponse.create();
        } catch (thrown) {
          seen.push(`requests: ${(thrown as ParamoError).code}`);
          throw thrown;
        } finally {
          seen.push('returned');
        }
      },
    },
  });
  const call = clients.trial.report();
  call.on('error', () => undefined);
  call.write(ReportRequest.create());
  await once(call, 'data');
  call.cancel();
  await vi.waitFor(() => expect(seen).toEqual(['ABORTED', 'requests: ABORTED', 'returned']));
});

test('an upload that is cut off does not look complete to its handler', async () => {
  const outcomes: string[] = [];
  const { socket } = await serve({
    artifact: {
      async putArtifact(requests) {
        try {
          for await (const { part } of requests) outcomes.push(part?.$case ?? 'nothing');
          outcomes.push('complete');
        } catch (thrown) {
          outcomes.push((thrown as ParamoError).code);
        }
        return { sha256: '', size: 0n };
      },
    },
  });
  // By hand, since Node's client cannot reset a stream without a half-close before (RFC 9113 §4.1, RFC 7541 §6.2.2).
  const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer =>
    Buffer.concat([Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, stream]), payload]);
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const header = (name: string, value: string): Buffer => Buffer.concat([Buffer.from([0]), text(name), text(value)]);
  const headers = Buffer.concat([header(':method', 'POST'), header(':scheme', 'http'), header(':authority', 'localhost'), header(':path', '/paramo.v1.ArtifactService/PutArtifact'), header('content-type', 'application/grpc'), header('te', 'trailers')]);
  const message = Buffer.from([0, 0, 0, 0, 3, 0x12, 1, 7]);
  const caller = connect(socket).resume();
  caller.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0)), frame(1, 4, 1, headers), frame(0, 0, 1, message)]));
  await vi.waitFor(() => expect(outcomes).toEqual(['content']));
  caller.write(frame(3, 0, 1, Buffer.from([0, 0, 0, 8])));
  await vi.waitFor(() => expect(outcomes).toEqual(['content', 'ABORTED']));
  caller.destroy();
});

test('the deadline of a caller aborts the handler, in the middle of a stream too', async () => {
  let reason: unknown;
  let given = 0;
  const { clients } = await serve({
    artifact: {
      async *getArtifact(_, { signal }) {
        signal.addEventListener('abort', () => (reason = signal.reason));
        for (; ; given++) {
          yield GetArtifactResponse.create();
          await pause(1);
        }
      },
    },
  });
  const call = clients.artifact.getArtifact({ studyId: '', trial: 0n, sha256: '' }, { deadline: Date.now() + 200 });
  const error = await failure((async () => { for await (const _ of call); })());
  expect(error.code).toBe('TIMEOUT');
  await vi.waitFor(() => expect(reason).toBeInstanceOf(ParamoError));
  const stopped = given;
  await pause(50);
  expect(given).toBeLessThanOrEqual(stopped + 1);
});

test('a client stream is answered once it half-closes', async () => {
  const { clients } = await serve({
    artifact: {
      async putArtifact(requests) {
        let size = 0n;
        for await (const { part } of requests) if (part?.$case === 'content') size += BigInt(part.value.length);
        return { sha256: 'abc', size };
      },
    },
  });
  const response = answered<unknown>((done) => {
    const call = clients.artifact.putArtifact(done);
    for (let i = 0; i < 10; i++) call.write({ part: { $case: 'content', value: Buffer.alloc(1000) } });
    call.end();
  });
  expect(await response).toMatchObject({ sha256: 'abc', size: 10_000n });
});

test('an occupied port is an error that says what to do, and leaves no socket behind', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const work = serveGrpc({ bindings: [], addresses: { loopback: { port } }, token, clock: systemClock });
  await expect(work).rejects.toMatchObject({ code: 'ADDRESS_IN_USE', hint: expect.stringContaining('0 for any free one') });
  await expect(work).rejects.toThrow(String(port));
  other.close();
});

test('a socket somebody answers on is not taken, a stale one is', async () => {
  const { socket, server: first } = await serve({});
  const again = { bindings: [], addresses: { socket, loopback: { port: 0 } }, token, clock: systemClock };
  await expect(serveGrpc(again)).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
  await first.close(0);
  // A socket that nobody listens on, as after kill -9.
  const stale = createServer().listen(socket);
  await once(stale, 'listening');
  renameSync(socket, `${socket}.kept`);
  stale.close();
  await once(stale, 'close');
  renameSync(`${socket}.kept`, socket);
  const second = await serveGrpc(again);
  expect(statSync(socket).isSocket()).toBe(true);
  await second.close(0);
  expect(statSync(socket, { throwIfNoEntry: false })).toBeUndefined();
});

test('closing ends streams at once, lets the others finish, and cuts off what takes longer', async () => {
  let finish = (): void => {};
  const slow = new Promise<typeof info>((resolve) => (finish = () => resolve(info)));
  const { server: served, clients } = await serve({
    server: { getServerInfo: () => slow, checkHealth: () => never },
    artifact: { async *getArtifact() { yield GetArtifactResponse.create(); await never; } },
  });
  const call = clients.artifact.getArtifact({ studyId: '', trial: 0n, sha256: '' });
  const iterator = (call as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  await iterator.next();
  const finished = answered((done) => clients.server.getServerInfo({}, done));
  const hanging = failure(answered((done) => clients.server.checkHealth({}, done)));
  await pause(100);
  const closed = served.close(600);
  expect(await failure(iterator.next())).toMatchObject({ code: 'UNAVAILABLE', summary: 'the daemon is shutting down' });
  finish();
  expect(await finished).toMatchObject({ version: '1.2.3' });
  expect(await hanging).toMatchObject({ code: 'UNAVAILABLE' });
  await closed;
  expect((await failure(answered((done) => clients.server.getServerInfo({}, done)))).code).toBe('DAEMON_UNREACHABLE');
});

test('closing a server nobody uses takes no time', async () => {
  const { server: served, clients } = await serve({ server });
  await answered((done) => clients.server.getServerInfo({}, done));
  await served.close(15_000);
});
