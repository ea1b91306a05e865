import type { Random } from '@paramo/core';
import { TrialServiceService } from '@paramo/protocol';
import type { Transport } from '@paramo/protocol';

/** A request once more. */
export type Echo = (transport: Transport) => Promise<unknown>;

/** What a network does to messages that come twice, late, or in another order. */
export interface Echoes {
  /** Makes a transport whose calls are at times sent twice at once, held back so that later ones overtake them, or followed by an earlier one. */
  through(transport: Transport): Transport;
  /** Sends some of all that was ever sent once more. */
  replay(transport: Transport, count: number): Promise<void>;
  readonly counts: { twice: number; late: number; again: number };
}

/** Calls that change something, and must be the same when they come again. */
const changing: ReadonlySet<string> = new Set([TrialServiceService.ask, TrialServiceService.reportOnce, TrialServiceService.complete, TrialServiceService.fail, TrialServiceService.release].map(({ path }) => path));

/** A memory of calls, and the mischief done with them. */
export function createEchoes(random: Random): Echoes {
  const past: Echo[] = [];
  const counts = { twice: 0, late: 0, again: 0 };
  const send = (echo: Echo, transport: Transport): Promise<unknown> => echo(transport).catch(() => undefined);
  return {
    counts,
    through: (transport) => ({
      ...transport,
      async unary(method, request, options) {
        if (!changing.has(method.path)) return transport.unary(method, request, options);
        const echo: Echo = (other) => other.unary(method, request, { timeoutMs: 2000 });
        past.push(echo);
        const luck = random.next();
        if (luck < 0.15) {
          counts.twice++;
          void send(echo, transport);
        } else if (luck < 0.25) {
          counts.late++;
          setTimeout(() => void send(echo, transport), 50 + random.int(1000));
        } else if (luck < 0.35) {
          counts.again++;
          void send(past[random.int(past.length)]!, transport);
        }
        return transport.unary(method, request, options);
      },
    }),
    async replay(transport, count) {
      counts.again += count;
      await Promise.all(Array.from({ length: count }, () => send(past[random.int(past.length)]!, transport)));
    },
  };
}
