import { isParamoError } from '@paramo/core';
import { ServerServiceService } from '@paramo/protocol';
import { transportCases } from '@paramo/protocol/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createGrpcTransport } from './grpc-transport.js';
import { serveBindings } from './testing/serve-bindings.js';
import { createToyDaemon } from './testing/toy-daemon.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

describe('the gRPC transport', () => {
  for (const { name, run } of transportCases) {
    test(name, () =>
      run(async (bindings) => {
        const { address, kill } = await serveBindings(bindings);
        const transport = createGrpcTransport({ address });
        closers.push(() => void transport.close(), kill);
        return transport;
      }));
  }

  test('a call to an address where nobody listens is DAEMON_UNREACHABLE', async () => {
    const transport = createGrpcTransport({ address: '127.0.0.1:1' });
    closers.push(() => void transport.close());
    await expect(transport.unary(ServerServiceService.getServerInfo, {})).rejects.toSatisfy((error) => isParamoError(error, 'DAEMON_UNREACHABLE'));
  });

  test('calls cut off by the death of the server are UNAVAILABLE, so that they are made again', async () => {
    const toy = createToyDaemon({ params: [] });
    const { address, kill } = await serveBindings(toy.bindings);
    const transport = createGrpcTransport({ address });
    closers.push(() => void transport.close());
    const { TrialServiceService } = await import('@paramo/protocol');
    const endless = (async function* () {
      await new Promise(() => undefined);
      yield undefined as never;
    })();
    const stream = (async () => {
      for await (const response of transport.duplex(TrialServiceService.report, endless)) expect(response).toBeUndefined();
    })();
    stream.catch(() => undefined);
    await transport.unary(ServerServiceService.getServerInfo, {});
    kill();
    await expect(stream).rejects.toSatisfy((error) => isParamoError(error, 'UNAVAILABLE'));
  });

  test('a request that cannot be sent is refused as such, and not taken for a lost connection', async () => {
    const { address, kill } = await serveBindings(createToyDaemon({ params: [] }).bindings);
    const transport = createGrpcTransport({ address });
    closers.push(() => void transport.close(), kill);
    const { TrialServiceService } = await import('@paramo/protocol');
    const get = (studyId: string, number: bigint) => transport.unary(TrialServiceService.getTrial, { studyId, number });
    await expect(get('s', -1n)).rejects.toSatisfy((error) => isParamoError(error, 'INVALID_ARGUMENT'));
    await expect(get('x'.repeat(5 << 20), 1n)).rejects.toSatisfy((error) => isParamoError(error, 'LIMIT_EXCEEDED'));
  });
});
