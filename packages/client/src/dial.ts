import { isParamoError, ParamoError, sleep } from '@paramo/core';
import type { Clock } from '@paramo/core';
import { ServerServiceService } from '@paramo/protocol';
import type { GetServerInfoResponse, Transport } from '@paramo/protocol';
import { findDaemonBinary } from './daemon-binary.js';
import { readDaemonFile } from './daemon-file.js';
import type { DaemonFile } from './daemon-file.js';
import { startDaemonProcess } from './daemon-process.js';
import type { DaemonProcess } from './daemon-process.js';
import { createGrpcTransport } from './grpc-transport.js';
import type { DaemonAddress } from './grpc-transport.js';
import { holdProcess } from './hold-process.js';
import type { Environment } from './home.js';
import { isLost } from './link.js';

/** How a home's daemon is found, and started when there is none. */
export interface HomeDialOptions {
  readonly home: string;
  /** Whether one may be started. */
  readonly start: boolean;
  /** Where the search for the program begins. */
  readonly startDir: string;
  readonly env: Environment;
  readonly clock: Clock;
}

/** The major version of the protocol this package speaks. */
const protocolVersion = 1;

const answerMs = 3000;
const startMs = 10_000;
const pollMs = 15;
/** A daemon that is about to end still holds its home; after this another start is tried. */
const yieldMs = 300;

/**
 * A transport to the daemon at a fixed address.
 * @throws ParamoError DAEMON_UNREACHABLE, UNAUTHENTICATED or DAEMON_VERSION, with what to do.
 */
export async function dialAddress(address: DaemonAddress): Promise<Transport> {
  try {
    return (await greet(address)).transport;
  } catch (error) {
    if (!isLost(error) && !isParamoError(error, 'TIMEOUT')) throw error;
    throw new ParamoError({
      code: 'DAEMON_UNREACHABLE',
      message: `no daemon answers at ${address.address} (${(error as ParamoError).summary})`,
      hint: 'Start one there with `paramo up`, or correct PARAMO_ADDRESS.',
      cause: error,
    });
  }
}

/**
 * A transport to the daemon of a home, started if need be. Processes that start one at the same time all end on the one
 * that won the home.
 * @throws ParamoError DAEMON_UNREACHABLE, DAEMON_VERSION, or what the daemon said when it could not start.
 */
export async function dialHome(options: HomeDialOptions): Promise<Transport> {
  const { home, clock } = options;
  const before = await readDaemonFile(home);
  const found = before && (await tryDaemon(before));
  if (found) return found;
  if (!options.start) {
    throw new ParamoError({ code: 'DAEMON_UNREACHABLE', message: `no daemon runs on the home ${home}`, hint: 'Start one with `paramo up`.' });
  }
  const release = holdProcess();
  try {
    return await startAndDial(options, clock.monotonicMs() + startMs, before?.instanceId);
  } finally {
    release();
  }
}

async function startAndDial(options: HomeDialOptions, untilMs: number, goneInstance: string | undefined): Promise<Transport> {
  const { home, clock } = options;
  let daemon: DaemonProcess | undefined = start(options);
  let retryAtMs = 0;
  for (;;) {
    await sleep(clock, pollMs);
    const file = await readDaemonFile(home);
    const found = file && file.instanceId !== goneInstance && (await tryDaemon(file));
    if (found) return found;
    const failure = await daemon?.failure();
    if (failure) {
      // Someone else's daemon won the home: it is about to answer, or about to end.
      if (failure.code !== 'HOME_LOCKED' || clock.monotonicMs() > untilMs) throw failure;
      daemon = undefined;
      retryAtMs = clock.monotonicMs() + yieldMs;
    } else if (!daemon && clock.monotonicMs() > retryAtMs) daemon = start(options);
    if (clock.monotonicMs() > untilMs) {
      throw new ParamoError({
        code: 'DAEMON_UNREACHABLE',
        message: `the daemon of ${home} was started but did not answer within ${startMs / 1000} s`,
        hint: `Look into ${home}/daemon.log, or run \`paramo doctor\`.`,
      });
    }
  }
}

function start({ home, startDir, env }: HomeDialOptions): DaemonProcess {
  const command = findDaemonBinary(startDir, env);
  if (!command) {
    throw new ParamoError({
      code: 'DAEMON_UNREACHABLE',
      message: `no daemon runs on the home ${home}, and the program \`paramo\` that would start one was not found`,
      hint: 'Install it with `npm install paramo`, or set PARAMO_BIN to it.',
    });
  }
  return startDaemonProcess(home, command, env);
}

/** A transport to the daemon of the file; undefined when that daemon is gone. */
async function tryDaemon(file: DaemonFile): Promise<Transport | undefined> {
  const address = file.socket ? `unix:${file.socket}` : file.address;
  try {
    const { transport, info } = await greet({ address, token: file.token });
    // A port may have gone to the daemon of another home.
    if (file.socket || info.instanceId === file.instanceId) return transport;
    await transport.close();
    return undefined;
  } catch (error) {
    if (isLost(error) || (isParamoError(error, 'UNAUTHENTICATED') && !file.socket)) return undefined;
    if (!isParamoError(error, 'TIMEOUT')) throw error;
    throw new ParamoError({
      code: 'DAEMON_UNREACHABLE',
      message: `the daemon of this home (process ${file.pid}) does not answer`,
      hint: `Give it a moment; if it hangs, end it with \`kill ${file.pid}\` and try again: nothing that was acked is lost.`,
      cause: error,
    });
  }
}

async function greet(address: DaemonAddress): Promise<{ transport: Transport; info: GetServerInfoResponse }> {
  const transport = createGrpcTransport(address);
  try {
    const info = await transport.unary(ServerServiceService.getServerInfo, {}, { timeoutMs: answerMs });
    if (info.protocol !== protocolVersion) throw wrongVersion(info);
    return { transport, info };
  } catch (error) {
    await transport.close();
    throw error;
  }
}

function wrongVersion({ version, protocol, pid }: GetServerInfoResponse): ParamoError {
  const newer = protocol > protocolVersion;
  return new ParamoError({
    code: 'DAEMON_VERSION',
    message: `the running daemon (version ${version}, process ${pid}) speaks protocol ${protocol}; this client speaks ${protocolVersion}`,
    hint: newer ? 'Update @paramo/client (`npm install paramo@latest`).' : 'Stop it with `paramo down`; the next call starts the installed version.',
  });
}
