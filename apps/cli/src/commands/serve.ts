import { startDaemon } from '@paramo/daemon';
import type { PluginSource } from '@paramo/daemon';
import { exitCodes } from '../exit-code.js';
import { reportFailure } from '../failure.js';
import { note } from '../output.js';
import { packageDirectory, readVersion } from '../version.js';

/** How a daemon is run. */
export interface ServeOptions {
  /** On 127.0.0.1; absent: any free one. */
  readonly port?: number;
  /** Ends after so long without work; 0: never. */
  readonly idleMinutes: number;
}

/** The plugins that this package depends on; every other one is named by the home's config or its project. */
const plugins: readonly PluginSource[] = ['@paramo/strategy-random', '@paramo/strategy-bayes', '@paramo/strategy-grid', '@paramo/stopper-asha', '@paramo/stopper-median'].map((name) => ({ package: name, from: packageDirectory }));

/** How long running calls are answered after a signal, in milliseconds. */
const graceMs = 2000;
const signalCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** Serves in this process until a signal, a client's wish, idleness or a failed store ends it, and the process with it. */
export async function serve(home: string, { port, idleMinutes }: ServeOptions): Promise<never> {
  const daemon = await startDaemon({
    home,
    version: readVersion(),
    plugins,
    ...(port !== undefined && { port }),
    ...(idleMinutes > 0 && { idleMs: idleMinutes * 60_000 }),
  });
  let signalled = false;
  const onSignal = (signal: keyof typeof signalCodes): void => {
    if (signalled) process.exit(signalCodes[signal]);
    signalled = true;
    note(`${signal}: ending`);
    void daemon.close(graceMs);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  note(`daemon of ${daemon.home} (process ${process.pid}) listens on ${daemon.address}${daemon.socket ? ` and ${daemon.socket}` : ''}`);
  const failure = await daemon.ended;
  process.off('SIGINT', onSignal);
  process.off('SIGTERM', onSignal);
  // Everything is let go of; what still closes behind it, such as a connection, is not waited for.
  process.exit(failure ? reportFailure(failure) : exitCodes.ok.code);
}
