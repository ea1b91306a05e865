import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { Metadata, status } from '@grpc/grpc-js';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { ErrorDetail, errorMetadataKey, fromServiceError, GetServerInfoResponse, ReportRequest, ReportResponse } from '@paramo/protocol';
import type { TrialServiceClient } from '@paramo/protocol';
import { expect, test, vi } from 'vitest';
import { answered, bearer, failure, openClients, serve, token } from './testing/serve-handlers.js';

const server = { getServerInfo: async () => GetServerInfoResponse.create() };
const never = new Promise<never>(() => {});

test('a message above the limit is refused and the connection lives on', async () => {
  const { clients } = await serve({ server, trial: { reportOnce: () => never } }, { maxMessageBytes: 10_000 });
  const writerId = 'w'.repeat(20_000);
  expect(await answered((done) => clients.trial.reportOnce({ writerId, batch: undefined, waitMs: 0 }, done)).catch((error: unknown) => error)).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  await answered((done) => clients.server.getServerInfo({}, done));
});

test('a request that is only half sent, and a stream that never begins, end with a timeout', async () => {
  const { server: served, clients } = await serve({ trial: { async *report(requests) { for await (const _ of requests) yield ReportResponse.create(); } } }, { requestMs: 100, firstMessageMs: 150 });
  const session = connectHttp2(`http://${served.address}`);
  const half = session.request({ ':method': 'POST', ':path': '/paramo.v1.ServerService/GetServerInfo', 'content-type': 'application/grpc', te: 'trailers', authorization: `Bearer ${token}` });
  half.write(Buffer.from([0, 0, 0, 100, 0, 1, 2, 3]));
  const [headers] = (await once(half, 'response')) as [Record<string, string>];
  expect(headers['grpc-status']).toBe(String(status.DEADLINE_EXCEEDED));
  expect(headers['grpc-message']).toContain('did%20not%20arrive%20in%20full');
  session.destroy();
  const silent = clients.trial.report();
  expect(await failure((async () => { for await (const _ of silent); })())).toMatchObject({ code: 'TIMEOUT', hint: expect.stringContaining('heartbeat') });
});

test('a unary call that hangs ends with a timeout and aborts its handler', async () => {
  let aborted = false;
  const { clients } = await serve({ server: { getServerInfo: (_, { signal }) => { signal.addEventListener('abort', () => (aborted = true)); return never; } } }, { unaryMs: 100 });
  expect(await failure(answered((done) => clients.server.getServerInfo({}, done)))).toMatchObject({ code: 'TIMEOUT' });
  expect(aborted).toBe(true);
});

test('a loopback connection without an authenticated call is dropped, and one with it stays', async () => {
  const { server: served } = await serve({ server }, { unprovenMs: 200 });
  const [, port] = served.address.split(':');
  const clients = openClients(served.address);
  await answered((done) => clients.server.getServerInfo({}, bearer(token), done));
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined).resume();
  await once(socket, 'close');
  await answered((done) => clients.server.getServerInfo({}, bearer(token), done));
});

test('one connection more takes the place of the one that was idle longest', async () => {
  const { server: served } = await serve({ server }, { maxConnections: 2 });
  const port = Number(served.address.split(':')[1]);
  const sockets: Socket[] = [];
  for (let i = 0; i < 4; i++) {
    sockets.push(connect(port, '127.0.0.1').on('error', () => undefined).resume());
    await once(sockets[i]!, 'connect');
  }
  await vi.waitFor(() => expect(sockets.map((socket) => socket.closed)).toEqual([true, true, false, false]));
  await answered((done) => openClients(served.address).server.getServerInfo({}, bearer(token), done));
  for (const socket of sockets) socket.destroy();
});

test('where all connections are in use, a newcomer is told to come later, and finds room then', async () => {
  const { socket } = await serve({ server, trial: { report: reading } }, { maxConnections: 2, turnedAwayMs: 50 });
  const greedy = [1, 2].map(() => openReport(openClients(`unix:${socket}`).trial));
  await Promise.all(greedy.map(({ begun }) => begun));
  const { server: newcomer } = openClients(`unix:${socket}`);
  const info = (): Promise<unknown> => answered((done) => newcomer.getServerInfo({}, new Metadata(), { deadline: Date.now() + 2000 }, done));
  expect(await failure(info())).toMatchObject({ code: 'OVERLOADED', details: { retryAfterMs: 1000 } });
  greedy[0]!.stream.cancel();
  await vi.waitFor(info, { timeout: 5000, interval: 200 });
});

test('streams that one connection opens without end leave room for the calls of others', async () => {
  const { socket } = await serve({ server, trial: { report: reading } }, { maxCalls: 20, fewCalls: 2 });
  const { trial } = openClients(`unix:${socket}`);
  const streams = Array.from({ length: 30 }, () => openReport(trial));
  const begun = await Promise.allSettled(streams.map((one) => one.begun));
  expect(begun.filter(({ status: outcome }) => outcome === 'fulfilled')).toHaveLength(10);
  for (const one of begun) if (one.status === 'rejected') expect(fromServiceError(one.reason)).toMatchObject({ code: 'OVERLOADED', details: { retryAfterMs: 1000 } });
  const other = openReport(openClients(`unix:${socket}`).trial);
  await other.begun;
  for (const { stream } of [...streams, other]) stream.cancel();
});

test('messages half sent on streams that have begun are bounded in all, and a client that behaves goes on', async () => {
  const { socket } = await serve({ server, trial: { report: reading } }, { maxUnreadBytes: 4_000_000 });
  const good = openReport(openClients(`unix:${socket}`).trial);
  await good.begun;
  const session = connectHttp2('http://paramo', { createConnection: () => connect(socket), maxSessionMemory: 100 }).on('error', () => undefined);
  const request = Buffer.from(ReportRequest.encode(ReportRequest.fromPartial({ writerId: 'w' })).finish());
  const ends = Array.from({ length: 12 }, async () => {
    const half = session.request({ ':method': 'POST', ':path': '/paramo.v1.TrialService/Report', 'content-type': 'application/grpc', te: 'trailers' }).on('error', () => undefined).resume();
    half.write(framed(request, request.length));
    half.write(framed(Buffer.alloc(900_000), 1_000_000));
    const [trailers] = (await once(half, 'trailers')) as [Record<string, string>];
    return trailers;
  });
  for (const trailers of await Promise.all(ends)) {
    expect(trailers['grpc-status']).toBe(String(status.RESOURCE_EXHAUSTED));
    expect(ErrorDetail.decode(Buffer.from(trailers[errorMetadataKey]!, 'base64'))).toMatchObject({ code: 'OVERLOADED', retryAfterMs: 1000 });
  }
  await vi.waitFor(() => expect(session.destroyed).toBe(true));
  good.stream.write(ReportRequest.fromPartial({ writerId: 'w' }));
  await once(good.stream, 'data');
  good.stream.cancel();
});

/** Answers each message of a stream. */
async function* reading(requests: AsyncIterable<ReportRequest>): AsyncGenerator<ReportResponse> {
  for await (const _ of requests) yield ReportResponse.create();
}

/** A stream with one message sent; `begun` is when that was answered. */
function openReport(trial: TrialServiceClient): { readonly stream: ClientDuplexStream<ReportRequest, ReportResponse>; readonly begun: Promise<unknown> } {
  const stream = trial.report();
  const begun = new Promise((resolve, reject) => stream.once('data', resolve).on('error', reject));
  begun.catch(() => undefined);
  stream.write(ReportRequest.fromPartial({ writerId: 'w' }));
  return { stream, begun };
}

/** Bytes as the beginning of a message of `length` bytes. */
function framed(bytes: Buffer, length: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, bytes]);
}
