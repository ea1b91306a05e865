import { createSeededEntropy, createSimulatedClock } from '@paramo/core/testing';
import type { SimulatedClock } from '@paramo/core/testing';
import { createLocalTransport } from '@paramo/protocol/testing';
import { createConnection } from '../connect.js';
import type { Connection, ConnectionPorts } from '../connect.js';
import type { ToyDaemon } from './toy-daemon.js';

/** A connection in this process, on a simulated clock. */
export interface ToyConnection {
  readonly connection: Connection;
  readonly clock: SimulatedClock;
  /** Warnings, one line each. */
  readonly lines: string[];
  /** Lets `ms` pass in small steps, and everything that is due happen. */
  pass(ms: number): Promise<void>;
}

const stepMs = 20;

/** Connects to a toy daemon without a network. */
export function connectToy(toy: ToyDaemon, ports: Pick<ConnectionPorts, 'spoolPath' | 'spoolQuotaBytes' | 'machine'> = {}): ToyConnection {
  const clock = createSimulatedClock();
  const lines: string[] = [];
  const connection = createConnection({
    ...ports,
    dial: async () => createLocalTransport(toy.bindings),
    clock,
    entropy: createSeededEntropy(1),
    write: (line) => lines.push(line),
  });
  return {
    connection,
    clock,
    lines,
    async pass(ms) {
      await settle();
      for (let passed = 0; passed < ms; passed += stepMs) {
        clock.advance(Math.min(stepMs, ms - passed));
        await settle();
      }
    },
  };
}

/** Lets pending promises and in-process calls go as far as they can. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
