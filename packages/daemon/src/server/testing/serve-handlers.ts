import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelCredentials, Metadata } from '@grpc/grpc-js';
import type { ParamoError } from '@paramo/core';
import { ArtifactServiceClient, ArtifactServiceService, bindService, fromServiceError, ServerServiceClient, ServerServiceService, TrialServiceClient, TrialServiceService } from '@paramo/protocol';
import type { ServiceHandlers } from '@paramo/protocol';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../system-clock.js';
import { serveGrpc } from '../grpc-server.js';
import type { GrpcServer } from '../grpc-server.js';
import type { ServerLimits } from '../../limits.js';

/** The token of served tests. */
export const token = 'test-token';

/** Handlers of three services, one for each kind of call at least. */
export interface TestHandlers {
  readonly server?: Partial<ServiceHandlers<typeof ServerServiceService>>;
  readonly artifact?: Partial<ServiceHandlers<typeof ArtifactServiceService>>;
  readonly trial?: Partial<ServiceHandlers<typeof TrialServiceService>>;
}

/** A server for one test, closed after it, with clients on its socket. */
export interface Served {
  readonly server: GrpcServer;
  readonly socket: string;
  readonly clients: ReturnType<typeof openClients>;
}

/** Serves handlers on a fresh socket and port. */
export async function serve({ server, artifact, trial }: TestHandlers, limits: Partial<ServerLimits> = {}): Promise<Served> {
  const directory = mkdtempSync(join(tmpdir(), 'paramo-server-'));
  const socket = join(directory, 'daemon.sock');
  const served = await serveGrpc({
    bindings: [bindService(ServerServiceService, server ?? {}), bindService(ArtifactServiceService, artifact ?? {}), bindService(TrialServiceService, trial ?? {})],
    addresses: { socket, loopback: { port: 0 } },
    token,
    clock: systemClock,
    limits,
  });
  onTestFinished(async () => {
    await served.close(0);
    rmSync(directory, { recursive: true });
  });
  return { server: served, socket, clients: openClients(`unix:${socket}`) };
}

/** Stock clients of the three services at an address, closed after the test. */
export function openClients(address: string): { readonly server: ServerServiceClient; readonly artifact: ArtifactServiceClient; readonly trial: TrialServiceClient } {
  const credentials = ChannelCredentials.createInsecure();
  const options = { 'grpc.use_local_subchannel_pool': 1, 'grpc.max_send_message_length': -1 };
  const clients = {
    server: new ServerServiceClient(address, credentials, options),
    artifact: new ArtifactServiceClient(address, credentials, options),
    trial: new TrialServiceClient(address, credentials, options),
  };
  onTestFinished(() => {
    for (const client of Object.values(clients)) client.close();
  });
  return clients;
}

/** What a caller with this token sends. */
export function bearer(given: string): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${given}`);
  return metadata;
}

/** A call with a callback, as a promise. */
export function answered<Response>(call: (callback: (error: unknown, response: Response) => void) => void): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => (error ? reject(error as Error) : resolve(response)));
  });
}

/** What a call failed with. */
export async function failure(call: Promise<unknown>): Promise<ParamoError> {
  return call.then(() => Promise.reject(new Error('it did not fail')), fromServiceError);
}
