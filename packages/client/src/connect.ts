import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { createUlid } from '@paramo/core';
import type { Clock, Entropy, ParamoError } from '@paramo/core';
import type { Transport } from '@paramo/protocol';
import { checkNames, whole } from './check-options.js';
import { createWorkFolder } from './checkpoints/work-folder.js';
import type { WorkFolder } from './checkpoints/work-folder.js';
import { openLocalChannel } from './carrier/local-channel.js';
import { openThreadChannel } from './carrier/thread-channel.js';
import { createDescriber } from './describe/describer.js';
import type { Describer } from './describe/describer.js';
import { createMachine } from './describe/machine.js';
import type { Machine } from './describe/machine.js';
import { dialerOf } from './dial-target.js';
import type { DialTarget } from './dial-target.js';
import { holdProcess } from './hold-process.js';
import { findHome } from './home.js';
import type { Environment } from './home.js';
import { createLink } from './link.js';
import type { Link } from './link.js';
import { createReporter } from './reporter.js';
import type { Reporter } from './reporter.js';
import { createRequestIds } from './request-id.js';
import type { RequestIds } from './request-id.js';
import { openHomeSpool } from './spool/home-spool.js';
import type { SpoolPlace } from './spool/home-spool.js';
import { createSystemClock } from './system-clock.js';
import { createSystemEntropy } from './system-entropy.js';
import { createWarnings, writeToStderr } from './warning.js';
import type { Warnings } from './warning.js';

/** Where to find the daemon. Everything has a default; environment variables stand in for what is absent. */
export interface ConnectOptions {
  /** The home; else `PARAMO_HOME`, else `.paramo` upward from the working directory, else created there. */
  readonly home?: string;
  /** A daemon's address, `127.0.0.1:PORT` or `unix:PATH`; else `PARAMO_ADDRESS`. No daemon is ever started then. */
  readonly address?: string;
  /** The token that goes with `address`; else `PARAMO_TOKEN`. */
  readonly token?: string;
  /** Whether to start the home's daemon when none runs; true by default. */
  readonly start?: boolean;
  /** How long calls are tried again while the daemon is away, in milliseconds; 60 000 by default. */
  readonly patienceMs?: number;
  /**
   * Bytes that the spool of this process may take in the home, 256 MiB by default. Past it, while the daemon is away, every
   * second point of a metric is kept, then every fourth and so on; the ends of trials always are.
   */
  readonly spoolQuotaBytes?: number;
}

/** One process's connection to a daemon. It finds the daemon again when that goes away, and starts a home's one anew. */
export interface Connection {
  /** For programs that speak the protocol themselves; unary calls are made again when the daemon goes away. */
  readonly link: Link;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** The writer id of this process: a ULID. */
  readonly writerId: string;
  /** The host's name, as shown with its workers. */
  readonly host: string;
  readonly nextRequestId: RequestIds;
  /** Where checkpoints are made and restored. */
  readonly workFolder: WorkFolder;
  readonly warnings: Warnings;
  /** Keeps with attempts what they ran as; absent: nothing is kept. */
  readonly describer?: Describer;
  /** What other processes of this program connect with to reach the same daemon; absent where there is no such thing. */
  readonly target?: ConnectOptions;
  /** Sends what waits (for 5 s at most), lets go of the trials still held, and ends. */
  close(): Promise<void>;
}

/** What a connection runs on. Tests and simulations give their own. */
export interface ConnectionPorts {
  readonly dial: () => Promise<Transport>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Where warnings go; stderr by default. */
  readonly write?: (line: string) => void;
  readonly patienceMs?: number;
  /** The directory above the work folder; the system's temporary directory by default. */
  readonly workPath?: string;
  /** The directory above the spool; absent: what is not sent yet is kept in memory only. */
  readonly spoolPath?: string;
  readonly spoolQuotaBytes?: number;
  /** Points, leases and the spool are seen to by a thread of their own, which dials this; absent: by this one, over `dial`. */
  readonly carrierTarget?: DialTarget;
  /** What runs are described by; absent: they are not. */
  readonly machine?: Machine;
}

const optionNames = ['home', 'address', 'token', 'start', 'patienceMs', 'spoolQuotaBytes'] as const;

/** The longest that closing, and with it the end of the process, is delayed. */
const closeMs = 5000;
/** How much of that descriptions under way may take. */
const describeMs = 2500;
const defaultQuotaBytes = 256 * 1024 * 1024;

/**
 * Connects to the daemon, started first if it is a home's and none runs.
 * @throws ParamoError DAEMON_UNREACHABLE, DAEMON_VERSION or UNAUTHENTICATED with what to do, or why the daemon could not start.
 */
export async function connect(options: ConnectOptions = {}): Promise<Connection> {
  checkNames(options, optionNames);
  if (options.spoolQuotaBytes !== undefined) whole('spoolQuotaBytes', options.spoolQuotaBytes, 1);
  const env: Environment = process.env;
  const clock = createSystemClock();
  const target = resolveTarget(options, env);
  const connection = createConnection({
    dial: dialerOf(target, env, clock),
    carrierTarget: target,
    clock,
    entropy: createSystemEntropy(),
    // A daemon elsewhere has no home here, and the spool of another one would be delivered to the wrong daemon.
    ...(target.home !== undefined && { workPath: join(target.home, 'work'), spoolPath: join(target.home, 'spool') }),
    ...(options.spoolQuotaBytes !== undefined && { spoolQuotaBytes: options.spoolQuotaBytes }),
    ...(options.patienceMs !== undefined && { patienceMs: options.patienceMs }),
    ...(env['PARAMO_DESCRIBE'] !== '0' && { machine: createMachine(clock) }),
  });
  await connection.link.ready();
  // The loop ran dry with points still unsent: the daemon is away, and only unreferenced timers are left.
  const flush = (): void => void connection.close();
  process.once('beforeExit', flush);
  // It is ended outright: what is on disk by then is not lost.
  const save = (): void => connection.reporter.save();
  process.once('exit', save);
  return {
    ...connection,
    target,
    async close() {
      process.off('beforeExit', flush);
      await connection.close();
      process.off('exit', save);
    },
  };
}

/** A connection over the given ports; it dials with its first call. */
export function createConnection({ dial, clock, entropy, write = writeToStderr, patienceMs, workPath, spoolPath, spoolQuotaBytes = defaultQuotaBytes, carrierTarget, machine }: ConnectionPorts): Connection {
  const warnings = createWarnings(write);
  const onWait = ({ message }: ParamoError): void => warnings.once('away', `waiting for the daemon: ${message}`);
  const link = createLink({ dial, clock, entropy, onWait, ...(patienceMs !== undefined && { patienceMs }) });
  const writerId = createUlid(clock.wallMs(), entropy);
  const spool: SpoolPlace | undefined = spoolPath === undefined ? undefined : { path: spoolPath, quotaBytes: spoolQuotaBytes };
  const inThisThread = openLocalChannel({ link, clock, entropy, writerId, ...(spool && openHomeSpool({ ...spool, link, clock, entropy, writerId })) });
  const open = carrierTarget ? openThreadChannel({ target: carrierTarget, writerId, ...(spool && { spool }) }, inThisThread) : inThisThread;
  const reporter = createReporter({ open, clock, warnings });
  const describer = machine && createDescriber({ machine, link, reporter, clock, entropy });
  const workFolder = createWorkFolder(workPath, writerId);
  let closing: Promise<void> | undefined;
  return {
    link,
    reporter,
    clock,
    entropy,
    writerId,
    host: hostname(),
    nextRequestId: createRequestIds(writerId),
    workFolder,
    warnings,
    ...(describer && { describer }),
    close() {
      closing ??= (async () => {
        const release = holdProcess();
        try {
          const begunMs = clock.monotonicMs();
          // Nobody waits for a daemon that is away only to be told what a run was.
          await describer?.close(reporter.away ? 0 : describeMs);
          await reporter.close(closeMs - (clock.monotonicMs() - begunMs));
          await link.close();
          await workFolder.close();
        } finally {
          release();
        }
      })();
      return closing;
    },
  };
}

/** The options with everything filled in that depends on this process's directory and environment. */
function resolveTarget(options: ConnectOptions, env: Environment): ConnectOptions {
  // A home that was asked for outright is not overruled by an address of the environment.
  const address = options.address ?? (options.home === undefined ? env['PARAMO_ADDRESS'] : undefined);
  if (!address) return { ...options, home: options.home === undefined ? findHome(process.cwd(), env) : resolve(options.home) };
  const token = options.token ?? env['PARAMO_TOKEN'];
  return { address, ...(token && { token }), ...(options.patienceMs !== undefined && { patienceMs: options.patienceMs }) };
}
