import { ParamoError } from '@paramo/core';
import type { Transport } from '@paramo/protocol';
import type { SimulatedProcess } from './process.js';
import type { Schedule } from './schedule.js';
import type { Sites } from './sites.js';
import { findMethod, openWire } from './wire.js';
import type { Fate, Wire, WireServer, WireTap } from './wire.js';

/** Which messages are held up. */
export type Way = 'up' | 'down' | 'both';

/** The ways between the workers and the daemon: messages take their time, and may meet with anything but a change of their bytes. */
export interface Network {
  /** Opens a connection to whoever listens. @throws ParamoError DAEMON_UNREACHABLE when nobody does or nothing comes through. */
  dial(client: SimulatedProcess): Promise<Transport>;
  /** From now on this daemon is the one that is reached. */
  listen(server: WireServer): void;
  /** Nothing comes through between this process and the daemon, one way or both, until `heal`. What was sent waits. */
  cut(client: SimulatedProcess, way: Way): void;
  /** Lets everything through again, for this process or for all. */
  heal(client?: SimulatedProcess): void;
  /** Breaks all connections of this process; both ends are told. */
  breakConnections(client: SimulatedProcess): void;
  /** It dies with its host: the daemon is not told. */
  vanish(client: SimulatedProcess): void;
  /** When the daemon last heard of this process, in virtual milliseconds; 0: never. */
  heardMs(client: SimulatedProcess): number;
}

/** What a network is made of. */
export interface NetworkOptions {
  readonly schedule: Schedule;
  readonly sites: Sites;
  /** Numbers in [0, 1) for the time that messages take. */
  readonly draw: () => number;
  readonly tap: WireTap;
}

/** How long it takes to notice that nothing is answered, while calls are open. */
const keepaliveMs = 40_000;
const dialTimeoutMs = 3000;
/** The latest that a message comes again. */
const repeatMs = 60_000;
/** Calls whose repetition is harmless by the wire's own promise. A person's orders have no request id. */
const repeatable = /\/(?:Ask|Enqueue|Complete|Fail|Release|OpenStudy)$/;

/** A network in which nobody listens. */
export function createNetwork({ schedule, sites, draw, tap }: NetworkOptions): Network {
  const cuts = new Map<SimulatedProcess, Way>();
  const held = new Map<SimulatedProcess, (() => void)[]>();
  const wires = new Map<SimulatedProcess, Set<Wire>>();
  const heard = new Map<SimulatedProcess, number>();
  let server: WireServer | undefined;
  let calls = 0;

  const latencyMs = (): number => (sites.fires('network slow') ? 4000 * draw() : 0.2 + 2 * draw());
  function carry(client: SimulatedProcess, way: 'up' | 'down', delayMs: number, deliver: () => void): void {
    schedule.after(delayMs, () => {
      const cut = cuts.get(client);
      if (cut === 'both' || cut === way) held.get(client)!.push(deliver);
      else {
        if (way === 'up') heard.set(client, schedule.nowMs);
        deliver();
      }
    });
  }
  function requestFate(client: SimulatedProcess, path: string, bytes: Uint8Array): Fate {
    if (path.endsWith('/Report')) {
      if (sites.fires('report replayed')) again(client, path, bytes, repeatMs * sites.draw('report replayed') ** 3);
      if (sites.fires('stream broken')) return 'is lost';
      if (sites.fires('messages swapped')) return 'is overtaken';
      return sites.fires('message repeated') ? 'arrives twice' : 'arrives';
    }
    if (repeatable.test(path) && sites.fires('call repeated')) again(client, path, bytes, repeatMs * sites.draw('call repeated') ** 3);
    return sites.fires('request lost') ? 'is lost' : 'arrives';
  }
  /** The same message once more, to whoever is the daemon by then; nobody hears the answer. */
  function again(client: SimulatedProcess, path: string, bytes: Uint8Array, delayMs: number): void {
    schedule.after(delayMs, () => {
      if (!server || sites.healed) return;
      const { bindings, process } = server;
      process.run(() => {
        heard.set(client, schedule.nowMs);
        tap.fault(client.name, `${path} of ${Math.round(delayMs)} ms ago comes again`);
        const bound = findMethod(bindings, path);
        const message = bound.definition.requestDeserialize(Buffer.from(bytes));
        const context = { signal: new AbortController().signal, peer: client.name };
        if (bound.kind === 'unary') bound.handle(message, context).catch(() => undefined);
        else if (bound.kind === 'duplex') void drain(bound.handle(once(message), context));
      });
    });
  }

  return {
    async dial(client) {
      await wait(client, latencyMs());
      const found = server;
      if (!found?.process.isAlive) throw unreachable('nobody listens');
      if (found.process.isStopped || cuts.has(client)) {
        await wait(client, dialTimeoutMs);
        throw unreachable('nothing is answered');
      }
      const all = wires.get(client) ?? new Set<Wire>();
      const wire = openWire({
        client, server: found, schedule, tap, latencyMs,
        carry: (way, delayMs, deliver) => carry(client, way, delayMs, deliver),
        requestFate: (path, bytes) => requestFate(client, path, bytes),
        answerFate: () => (sites.fires('answer lost') ? 'is lost' : 'arrives'),
        nextCall: () => ++calls,
        onBroken: () => all.delete(wire),
      });
      wires.set(client, all.add(wire));
      found.process.onDeath(wire.breakOff);
      client.onDeath(() => {
        // A host that is gone closes nothing.
        if (cuts.get(client) !== 'both') wire.breakOff();
      });
      return wire.transport;
    },
    listen(next) {
      server = next;
    },
    cut(client, way) {
      cuts.set(client, way);
      if (!held.has(client)) held.set(client, []);
      for (const wire of wires.get(client) ?? []) client.clock.setTimer(keepaliveMs, () => void (cuts.has(client) && wire.isBusy && wire.breakOff()));
    },
    heal(client) {
      for (const healed of client ? [client] : [...cuts.keys()]) {
        cuts.delete(healed);
        // One event each, in the order of sending.
        for (const deliver of held.get(healed)?.splice(0) ?? []) schedule.after(0, deliver);
        heard.set(healed, schedule.nowMs);
      }
    },
    breakConnections(client) {
      for (const wire of [...(wires.get(client) ?? [])]) wire.breakOff();
    },
    heardMs: (client) => heard.get(client) ?? 0,
    vanish(client) {
      cuts.set(client, 'both');
      if (!held.has(client)) held.set(client, []);
      client.kill();
    },
  };
}

function wait(process: SimulatedProcess, ms: number): Promise<void> {
  return new Promise((resolve) => void process.clock.setTimer(ms, resolve));
}

async function* once(message: unknown): AsyncGenerator<unknown> {
  yield message;
}

async function drain(responses: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const response of responses) void response;
  } catch {
    // Nobody is there to be told.
  }
}

function unreachable(why: string): ParamoError {
  return new ParamoError({ code: 'DAEMON_UNREACHABLE', message: `the simulated daemon is not reached: ${why}`, hint: 'Wait for it.' });
}
