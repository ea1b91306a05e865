import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGrpcTransport } from '@paramo/client';
import { serveGrpc, systemClock } from '@paramo/daemon';
import { transportCases } from '@paramo/protocol/testing';
import { onTestFinished, test } from 'vitest';

// What neither the client nor the daemon can test alone: that the two keep the promises of the port between them.
for (const { name, run } of transportCases) {
  for (const way of ['socket', 'loopback port'] as const) {
    test(`client and daemon over the ${way}: ${name}`, async () => {
      const directory = mkdtempSync(join(tmpdir(), 'paramo-transport-'));
      onTestFinished(() => rmSync(directory, { recursive: true }));
      await run(async (bindings) => {
        const token = 'token-of-the-test';
        const server = await serveGrpc({ bindings, addresses: { socket: join(directory, 'daemon.sock'), loopback: { port: 0 } }, token, clock: systemClock });
        const transport = createGrpcTransport(way === 'socket' ? { address: `unix:${server.socket}` } : { address: server.address, token });
        onTestFinished(async () => {
          await transport.close();
          await server.close(0);
        });
        return transport;
      });
    });
  }
}
