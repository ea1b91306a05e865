import { ChannelCredentials, Client, loadPackageDefinition, status } from '@grpc/grpc-js';
import type { ClientDuplexStream, ClientReadableStream, ServiceClientConstructor } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { expect, onTestFinished, test } from 'vitest';
import { answered, bearer, serve, token } from './testing/serve-handlers.js';

interface HealthClient extends Client {
  check(request: { service: string }, callback: (error: unknown, response: { status: string }) => void): void;
  watch(request: { service: string }): ClientReadableStream<{ status: string }>;
}

function open(address: string, definition: ServiceClientConstructor['service']): Client {
  const { Stub } = loadPackageDefinition({ Stub: definition } as Parameters<typeof loadPackageDefinition>[0]) as unknown as { Stub: ServiceClientConstructor };
  const client = new Stub(address, ChannelCredentials.createInsecure());
  onTestFinished(() => client.close());
  return client;
}

test('health is answered for the server and for each service by name, and unknown ones are not found', async () => {
  const { socket } = await serve({});
  const health = open(`unix:${socket}`, healthService) as HealthClient;
  for (const service of ['', 'paramo.v1.TrialService', 'paramo.v1.ServerService']) {
    expect(await answered<{ status: string }>((done) => health.check({ service }, done))).toEqual({ status: 'SERVING' });
  }
  await expect(answered((done) => health.check({ service: 'paramo.v1.Nothing' }, done))).rejects.toMatchObject({ code: status.NOT_FOUND });
});

test('a watcher of health is told that the server closes', async () => {
  const { socket, server } = await serve({});
  const watch = (open(`unix:${socket}`, healthService) as HealthClient).watch({ service: '' });
  const seen: string[] = [];
  const ended = new Promise<void>((resolve) => watch.on('error', () => resolve()));
  watch.on('data', (response: { status: string }) => seen.push(response.status));
  await new Promise((resolve) => watch.once('data', resolve));
  await server.close(5000);
  await ended;
  expect(seen).toEqual(['SERVING', 'NOT_SERVING']);
});

test('health and reflection on the loopback port need the token too', async () => {
  const { server } = await serve({});
  const health = open(server.address, healthService) as HealthClient & { check(request: object, metadata: object, callback: (error: unknown, response: unknown) => void): void };
  await expect(answered((done) => health.check({ service: '' }, done))).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
  expect(await answered((done) => health.check({ service: '' }, bearer(token), done))).toEqual({ status: 'SERVING' });
});

for (const version of ['v1', 'v1alpha']) {
  test(`reflection ${version} lists every service and gives the files of each`, async () => {
    const { socket } = await serve({});
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    // list_services is field 7, file_containing_symbol field 4 of the request.
    const client = new Client(`unix:${socket}`, ChannelCredentials.createInsecure());
    onTestFinished(() => client.close());
    const ask = async (field: number, text: string): Promise<string> => {
      const identity = (value: Buffer): Buffer => value;
      const call: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(path, identity, identity);
      call.end(Buffer.concat([Buffer.from([field << 3 | 2, text.length]), Buffer.from(text)]));
      let answer = '';
      for await (const part of call as AsyncIterable<Buffer>) answer += part.toString('latin1');
      return answer;
    };
    const listed = await ask(7, '*');
    for (const name of ['StudyService', 'TrialService', 'MetricService', 'ArtifactService', 'PluginService', 'ServerService']) expect(listed).toContain(`paramo.v1.${name}`);
    expect(listed).toContain('grpc.health.v1.Health');
    const files = await ask(4, 'paramo.v1.TrialService');
    expect(files).toContain('paramo/v1/trial_service.proto');
    expect(files).toContain('paramo/v1/value.proto');
  });
}
