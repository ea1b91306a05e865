import type { Socket } from 'node:net';
import { Server } from '@grpc/grpc-js';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Clock } from '@paramo/core';
import { ParamoError, sleep } from '@paramo/core';
import type { ServiceBinding } from '@paramo/protocol';
import { defaultServerLimits } from '../limits.js';
import type { ServerLimits } from '../limits.js';
import { createAcceptor } from './accept.js';
import { createTokenGuard } from './auth.js';
import { adaptCall } from './call-adapters.js';
import { addDiscovery } from './discovery.js';
import type { Listener } from './listener.js';
import { listenOnLoopback } from './loopback-listener.js';
import { createOpenCalls } from './open-calls.js';
import { listenOnSocket } from './socket-listener.js';
import { createTraffic } from './traffic.js';

/** Where and what to serve. */
export interface GrpcServerOptions {
  readonly bindings: readonly ServiceBinding[];
  readonly addresses: {
    /** Path of the Unix socket, whose mode 0600 is its guard; absent: none. */
    readonly socket?: string;
    /** The port of 127.0.0.1, guarded by the token; 0: any free one. */
    readonly loopback: { readonly port: number };
  };
  /** What callers on the loopback port have to give. */
  readonly token: string;
  readonly clock: Clock;
  /** Those given replace the defaults. */
  readonly limits?: Partial<ServerLimits>;
}

/** A server at work. */
export interface GrpcServer {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  readonly socket?: string;
  /**
   * Takes no more calls, ends those that stream responses with UNAVAILABLE at once, gives the others up to `graceMs`, ends
   * what is left and resolves. The handlers of ended calls see their signals aborted.
   */
  close(graceMs: number): Promise<void>;
}

// After the last calls were ended, for their status to reach the callers.
const farewellMs = 100;

/**
 * Serves the bindings, health checking and reflection over gRPC, on 127.0.0.1 and on a Unix socket and nowhere else.
 * @throws ParamoError ADDRESS_IN_USE.
 */
export async function serveGrpc({ bindings, addresses, token, clock, limits: given }: GrpcServerOptions): Promise<GrpcServer> {
  const limits: ServerLimits = { ...defaultServerLimits, ...given };
  const calls = createOpenCalls(limits, clock);
  const traffic = createTraffic(limits, clock);
  const server = new Server({
    'grpc.max_receive_message_length': limits.maxMessageBytes,
    'grpc.max_send_message_length': limits.maxResponseBytes,
    'grpc.max_concurrent_streams': limits.maxStreams,
    'grpc.max_connection_idle_ms': limits.idleMs,
    'grpc.enable_channelz': 0,
  });
  for (const binding of bindings) server.addService(measured(binding.definition, calls.noteSize), implementation(binding));
  const discovery = addDiscovery(server, bindings);

  const listeners: Listener[] = [];
  const { maxConnections } = limits;
  const common = { server, traffic, limits, clock };
  try {
    const onLoopback = createAcceptor({ ...common, interceptors: (connection, socket) => [createTokenGuard({ token, onProven: proving(socket, limits.unprovenMs, clock) }), calls.interceptor(connection)] });
    listeners.push(await listenOnLoopback(addresses.loopback.port, { maxConnections, onConnection: onLoopback }));
    if (addresses.socket !== undefined) {
      const onSocket = createAcceptor({ ...common, interceptors: (connection) => [calls.interceptor(connection)] });
      listeners.push(await listenOnSocket(addresses.socket, { maxConnections, onConnection: onSocket }));
    }
  } catch (thrown) {
    for (const listener of listeners) listener.stop();
    server.forceShutdown();
    throw thrown;
  }

  const shutDown = async (graceMs: number): Promise<void> => {
    const farewell = new ParamoError({ code: 'UNAVAILABLE', message: 'the daemon is shutting down', hint: 'Connect again; the next connection starts a daemon.' });
    for (const listener of listeners) listener.stop();
    discovery.retire();
    calls.endStreams(farewell);
    const idle = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    if (!(await within(clock, graceMs, idle))) {
      calls.endAll(farewell);
      await within(clock, farewellMs, idle);
    }
    for (const listener of listeners) listener.destroy();
    traffic.stop();
    server.forceShutdown();
  };
  let closing: Promise<void> | undefined;
  return {
    address: `127.0.0.1:${listeners[0]!.port}`,
    ...(addresses.socket !== undefined && { socket: addresses.socket }),
    close: (graceMs) => (closing ??= shutDown(graceMs)),
  };
}

function implementation({ methods }: ServiceBinding): UntypedServiceImplementation {
  return Object.fromEntries(methods.map((method) => [method.name, adaptCall(method)]));
}

/** The definition, with the size of each request noted. */
function measured(definition: ServiceDefinition, note: (message: object, bytes: number) => void): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(definition).map(([name, method]) => {
      const requestDeserialize = (bytes: Buffer): object => {
        const message = method.requestDeserialize(bytes) as object;
        note(message, bytes.length);
        return message;
      };
      return [name, { ...method, requestDeserialize }];
    }),
  );
}

/** Drops a connection that makes no authenticated call in time; the function is told of one. */
function proving(socket: Socket, unprovenMs: number, clock: Clock): () => void {
  const cancel = clock.setTimer(unprovenMs, () => socket.destroy());
  socket.once('close', cancel);
  return cancel;
}

/** Whether `work` ended within `ms`. */
async function within(clock: Clock, ms: number, work: Promise<void>): Promise<boolean> {
  const abort = new AbortController();
  const ended = await Promise.race([work.then(() => true), sleep(clock, ms, abort.signal).then(() => false)]);
  abort.abort();
  return ended;
}
