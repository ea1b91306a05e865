import { createServer } from 'node:net';
import type { ListenOptions, Server, Socket } from 'node:net';

/** A listening address: it hands connections on, and can let go of them. */
export interface Listener {
  /** The port listened on; 0 for a socket. */
  readonly port: number;
  /** Takes no further connections. */
  stop(): void;
  /** Ends every connection there still is. */
  destroy(): void;
}

/** What a listener does with connections. */
export interface ListenerOptions {
  /** Those above are handed on too, so that they can be told, up to half as many again; more are closed at once. */
  readonly maxConnections: number;
  readonly onConnection: (connection: Socket) => void;
}

/** A server whose connections are counted and can be ended; `start` rejects with the operating system's error. */
export function createListener({ maxConnections, onConnection }: ListenerOptions): { readonly server: Server; start(where: ListenOptions): Promise<void>; destroy(): void } {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    onConnection(socket);
  });
  server.maxConnections = Math.ceil(maxConnections * 1.5);
  return {
    server,
    start: (where) => listen(server, where),
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listen(server: Server, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      // Too many open files and the like: the connection is lost, the daemon goes on.
      server.on('error', () => undefined);
      resolve();
    });
  });
}
