import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { status } from '@grpc/grpc-js';
import { GetServerInfoResponse, ReportResponse } from '@paramo/protocol';
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

test('connections above the limit are closed at once', async () => {
  const { server: served } = await serve({}, { maxConnections: 2 });
  const port = Number(served.address.split(':')[1]);
  const sockets = [1, 2, 3, 4].map(() => connect(port, '127.0.0.1').on('error', () => undefined).resume());
  await vi.waitFor(() => expect(sockets.filter((socket) => socket.closed)).toHaveLength(2));
  for (const socket of sockets) socket.destroy();
});
