import { hostname } from 'node:os';
import { join } from 'node:path';
import { createUlid, type Clock, type Entropy, ParamoError } from '@paramo/core';
import type { HealthFinding } from '@paramo/protocol';
import { openHome } from './home/home.js';
import { openHomeStore } from './open-home-store.js';
import type { StorePorts } from './open-home-store.js';
import { readPluginSources } from './home/plugin-sources.js';
import { identifySelf, isAlive } from './home/process-identity.js';
import { lookAtProcess } from './home/process-state.js';
import type { PluginSource } from './host/host.js';
import { createPluginHost } from './host/plugin-host.js';
import { serveGrpc } from './server/grpc-server.js';
import { defaultServerLimits } from './limits.js';
import { watchActivity } from './service/activity.js';
import { assembleServices } from './services.js';
import { storeFormat } from './store/layout.js';
import type { Store } from './store/store.js';
import { systemClock } from './system-clock.js';
import { systemEntropy } from './system-entropy.js';
import { describeHold } from './tuner/hosts.js';
import type { Tuner } from './tuner/tuner.js';

/** How a daemon is started. */
export interface DaemonOptions {
  /** The home directory; made where there is none. */
  readonly home: string;
  /** The daemon's package version, as clients see it. */
  readonly version: string;
  /** Plugins that come with the installation; the home's config and package.json may name more. */
  readonly plugins: readonly PluginSource[];
  /** Port on 127.0.0.1; 0 by default: any free one. */
  readonly port?: number;
  /** Ends by itself after so long without a call or a running trial; absent: never. */
  readonly idleMs?: number;
  readonly clock?: Clock;
  readonly entropy?: Entropy;
  /** Opens the store; LMDB in the home by default. */
  readonly openStore?: (path: string, ports: StorePorts) => Promise<Store>;
  /** For tests: limits of the plugin host. */
  readonly pluginLimits?: { readonly callTimeoutMs?: number; readonly memoryLimitMb?: number; readonly idleMs?: number; readonly dropChance?: number };
}

/** A daemon at work. */
export interface Daemon {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** Path of the Unix socket. */
  readonly socket: string | undefined;
  /** What calls to `address` have to give. */
  readonly token: string;
  readonly home: string;
  /** Answers running calls, at most `graceMs`, then lets go of everything. */
  close(graceMs?: number): Promise<void>;
  /** Resolves when it has ended: closed, idle, asked to by a client, or with the error of a failed store. */
  readonly ended: Promise<ParamoError | undefined>;
}

const defaultGraceMs = 2000;
const idleCheckMs = 5000;
/** How long what is on its way to disk is waited for when the daemon ends. */
const writeOutMs = 3000;

/**
 * Starts a daemon on a home and returns once it answers.
 * @throws ParamoError HOME_NOT_WRITABLE, HOME_ON_NETWORK, HOME_LOCKED, ADDRESS_IN_USE, STORE_FORMAT, STORE_CORRUPT.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { clock = systemClock, entropy = systemEntropy, openStore = openHomeStore } = options;
  const home = await openHome(options.home, { entropy });
  const undo: (() => unknown)[] = [() => home.release()];
  try {
    const store = await openStore(home.storePath, { clock, entropy });
    undo.unshift(() => store.close());
    const host = createPluginHost({ sources: () => readPluginSources(home.path, options.plugins), clock, entropy, ...options.pluginLimits });
    undo.unshift(() => host.close());
    const identity = { version: options.version, instanceId: createUlid(clock.wallMs(), entropy), startedMs: clock.wallMs(), storeFormat, maxMessageBytes: defaultServerLimits.maxMessageBytes };
    const services = await assembleServices({
      store, clock, entropy, host, identity, health, blobsPath: join(home.storePath, 'blobs'),
      processes: { host: hostname(), isGone: (pid) => isAlive({ ...identifySelf(), pid, started: '' }) === false, look: lookAtProcess },
      shutdown: () => void clock.setTimer(0, () => void close()),
    });
    // On a full disk what is on its way may never arrive.
    undo.unshift(() => within(clock, writeOutMs, services.close()));
    const activity = watchActivity(services.bindings, clock);
    const server = await serveGrpc({ bindings: activity.bindings, addresses: { socket: home.socketPath, loopback: { port: options.port ?? 0 } }, token: home.token, clock });
    const { address, socket } = server;
    home.writeDaemonFile({ version: options.version, instanceId: identity.instanceId, address, ...(socket === undefined ? {} : { socket }) });

    let end = (_error: ParamoError | undefined): void => undefined;
    const ended = new Promise<ParamoError | undefined>((resolve) => {
      end = resolve;
    });
    let closing: Promise<void> | undefined;
    const close = (graceMs = defaultGraceMs, error?: ParamoError): Promise<void> => (closing ??= shutDown(graceMs).finally(() => end(error)));
    async function shutDown(graceMs: number): Promise<void> {
      stopIdle();
      await letGo([() => server.close(graceMs), ...undo]);
    }
    // After a failed commit nothing may be acked any more: end cleanly, and let the next start read what is on disk.
    void store.failure.then((error) => close(0, error));
    const stopIdle = watchIdle(clock, options.idleMs, () => activity.idleMs() < (options.idleMs ?? 0) || services.tuner.running() > 0, () => void close());

    async function health(): Promise<HealthFinding[]> {
      const { bytes, format } = store.stat();
      const shortage = store.shortage();
      const plugins = await host.list();
      return [
        { subject: 'daemon', ok: true, detail: `version ${options.version}, process ${process.pid}, ${address}`, hint: '' },
        { subject: 'store', ok: true, detail: `${home.storePath}, format ${format}, ${(bytes / 1e6).toFixed(1)} MB, ${services.tuner.studies.studies().length} studies`, hint: '' },
        ...(shortage ? [{ subject: 'disk', ok: false, detail: shortage.summary, hint: shortage.hint }] : []),
        ...heldHosts(services.tuner),
        ...services.tuner.damaged().map(({ summary, hint }) => ({ subject: 'study', ok: false, detail: summary, hint })),
        ...plugins.map(({ package: name, version, error }) => ({ subject: name, ok: error === undefined, detail: error ?? `version ${version}`, hint: '' })),
      ];
    }

    return { address, socket, token: home.token, home: home.path, close: (graceMs) => close(graceMs), ended };
  } catch (error) {
    await letGo(undo).catch(() => undefined);
    throw error;
  }
}

/** Waits for `work`, at most `ms`. */
async function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  let cancel = (): void => undefined;
  const late = new Promise<void>((resolve) => (cancel = clock.setTimer(ms, resolve)));
  await Promise.race([work, late]).finally(() => cancel());
}

/** A finding for each host that a study holds back. */
function heldHosts(tuner: Tuner): HealthFinding[] {
  return [...tuner.atWork()].flatMap((study) => {
    const { name } = study.journal.state.record.spec;
    return study.held().map((one) => ({ subject: `study ${name}`, ok: false, detail: describeHold(one), hint: `Look at the errors of its trials there; \`paramo resume ${name}\` lets it work again at once.` }));
  });
}

/** Takes every step, whatever the others say. @throws the first error, once all are taken. */
async function letGo(steps: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw ParamoError.from(errors[0]);
}

/** Calls `onIdle` once nothing was needed for `idleMs`. */
function watchIdle(clock: Clock, idleMs: number | undefined, isBusy: () => boolean, onIdle: () => void): () => void {
  if (idleMs === undefined) return () => undefined;
  let cancel = (): void => undefined;
  const look = (): void => {
    cancel = clock.setTimer(Math.min(idleMs, idleCheckMs), () => (isBusy() ? look() : onIdle()));
  };
  look();
  return () => cancel();
}
