import type { Socket } from 'node:net';
import { experimental, ServerCredentials } from '@grpc/grpc-js';
import type { Server, ServerInterceptor } from '@grpc/grpc-js';
import type { Clock } from '@paramo/core';
import type { ServerLimits } from '../limits.js';
import { busy } from './traffic.js';
import type { Connection, Traffic } from './traffic.js';

/** What connections of one listener are handed to. */
export interface AcceptorOptions {
  readonly server: Server;
  readonly traffic: Traffic;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  /** Interceptors for the calls of one connection alone. */
  readonly interceptors: (connection: Connection, socket: Socket) => ServerInterceptor[];
}

/**
 * Hands the connections of one listener to the server. Where there are too many, the one that has been without a call for
 * longest makes room; where all are at work, the calls of the newcomer are told to come later.
 */
export function createAcceptor({ server, traffic, limits, clock, interceptors }: AcceptorOptions): (socket: Socket) => void {
  const present = new Map<Socket, Connection>();

  function makeRoom(): boolean {
    let idlest: { readonly socket: Socket; readonly sinceMs: number } | undefined;
    for (const [socket, { idleSinceMs }] of present) {
      if (idleSinceMs !== undefined && (idlest === undefined || idleSinceMs < idlest.sinceMs)) idlest = { socket, sinceMs: idleSinceMs };
    }
    if (!idlest) return false;
    present.delete(idlest.socket);
    idlest.socket.destroy();
    return true;
  }

  return (socket) => {
    const crowded = present.size >= limits.maxConnections && !makeRoom();
    const connection = traffic.join(socket, crowded ? busy(`the daemon has ${limits.maxConnections} connections, and all of them are in use`, 'Use one connection a process.') : undefined);
    if (!crowded) present.set(socket, connection);
    const cancel = crowded ? clock.setTimer(limits.turnedAwayMs, () => socket.destroy()) : undefined;
    const injector = server.createConnectionInjector(experimental.createServerCredentialsWithInterceptors(ServerCredentials.createInsecure(), interceptors(connection, socket)));
    socket.once('close', () => {
      cancel?.();
      present.delete(socket);
      injector.destroy();
    });
    injector.injectConnection(socket);
  };
}
