import { ParamoError } from '@paramo/core';
import { createListener } from './listener.js';
import type { Listener, ListenerOptions } from './listener.js';

/**
 * Listens on 127.0.0.1, the only host there is for now; port 0 is any free one.
 * @throws ParamoError ADDRESS_IN_USE, or INVALID_ARGUMENT for a port that may not be used.
 */
export async function listenOnLoopback(port: number, options: ListenerOptions): Promise<Listener> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `port is ${port}, not a whole number from 0 to 65535`, hint: 'Give another port, or 0 for any free one.' });
  }
  const { server, start, destroy } = createListener(options);
  try {
    await start({ host: '127.0.0.1', port, exclusive: true });
  } catch (thrown) {
    throw refusedPort(port, thrown);
  }
  const bound = server.address();
  return { port: typeof bound === 'object' && bound ? bound.port : port, stop: () => server.close(), destroy };
}

function refusedPort(port: number, thrown: unknown): ParamoError {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return new ParamoError({
      code: 'ADDRESS_IN_USE',
      message: `port ${port} of 127.0.0.1 is in use by another program`,
      hint: `Give another port, or 0 for any free one, or end the program (\`lsof -i :${port}\` names it).`,
      cause: thrown,
    });
  }
  return new ParamoError({ code: 'INVALID_ARGUMENT', message: `port ${port} of 127.0.0.1 cannot be listened on (${code ?? String(thrown)})`, hint: 'Give another port, or 0 for any free one.', cause: thrown });
}
