import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Random } from '@paramo/core';

/** What a proxy does to a connection. */
const mischiefs = ['drop', 'cut', 'stall', 'trickle', 'deafen'] as const;

/** One of them: end it; end it in the middle of a frame; hold everything back for a while; bytes one after the other; let requests through and no answers. */
type Mischief = (typeof mischiefs)[number];

/** A proxy between workers and the daemon. */
export interface TcpProxy {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** How often each mischief was done. */
  readonly counts: Readonly<Record<Mischief, number>>;
  /** From now on connections are left alone. */
  heal(): void;
  close(): Promise<void>;
}

/** What a proxy needs to know. */
export interface TcpProxyOptions {
  readonly random: Random;
  /** Where to send what comes; asked anew for every connection. */
  readonly target: () => Promise<string | undefined>;
  /** How long a connection stands still when it does. */
  readonly stallMs: number;
}

const trickleMs = 300;

/** Listens on a free port of the loopback address; each connection gets its mischief within a second, and is ended some seconds later. */
export async function startTcpProxy({ random, target, stallMs }: TcpProxyOptions): Promise<TcpProxy> {
  const counts: Record<Mischief, number> = { drop: 0, cut: 0, stall: 0, trickle: 0, deafen: 0 };
  const sockets = new Set<Socket>();
  let healed = false;

  async function serve(near: Socket): Promise<void> {
    const address = await target();
    if (address === undefined || near.destroyed) return void near.destroy();
    const [host, port] = address.split(':') as [string, string];
    const far = connect({ host, port: Number(port), noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    }
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    near.once('close', end);
    far.once('close', end);
    const mischief = random.pick(mischiefs);
    let underWay: Mischief | undefined;
    const timer = setTimeout(() => {
      if (healed || near.destroyed) return;
      counts[mischief]++;
      if (mischief === 'drop') return end();
      underWay = mischief;
      setTimeout(end, stallMs + 1000);
      if (mischief === 'stall') {
        setTimeout(() => {
          underWay = undefined;
          for (const socket of [near, far]) socket.resume();
        }, stallMs);
      }
    }, 20 + random.int(980));
    near.once('close', () => clearTimeout(timer));
    const forward = (from: Socket, to: Socket, answers: boolean): void => {
      from.on('data', (chunk) => {
        if (to.destroyed) return;
        if (underWay === 'cut') {
          to.write(chunk.subarray(0, Math.max(1, random.int(chunk.length))), end);
        } else if (underWay === 'deafen' && answers) {
          // Dropped: the daemon has done it, and nobody hears.
          setTimeout(end, trickleMs);
        } else if (underWay === 'trickle' && chunk.length > 1) {
          from.pause();
          const pieces = Math.min(chunk.length, 8);
          for (let i = 0; i < pieces; i++) {
            const piece = chunk.subarray(Math.floor((i * chunk.length) / pieces), Math.floor(((i + 1) * chunk.length) / pieces));
            setTimeout(() => {
              if (!to.destroyed) to.write(piece);
              if (i === pieces - 1) from.resume();
            }, (trickleMs * i) / pieces);
          }
        } else {
          to.write(chunk);
          if (underWay === 'stall') from.pause();
        }
      });
    };
    forward(near, far, false);
    forward(far, near, true);
  }

  const server = createServer({ noDelay: true }, (near) => void serve(near));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`, counts,
    heal() {
      healed = true;
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
