import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { connect, findHome } from '@paramo/client';
import type { Connection } from '@paramo/client';
import { ParamoError } from '@paramo/core';
import { packageDirectory } from './version.js';

/** Options that every command has. */
export interface GlobalOptions {
  readonly home?: string;
  readonly address?: string;
  readonly token?: string;
}

/** How long a command waits for a daemon that went away meanwhile. */
const patienceMs = 10_000;

/** The program that a connection starts as the daemon: this one. */
export const daemonProgram: string = `${packageDirectory}/dist/bin.js`;

/** The address that was asked for outright, by option or environment; undefined: the home's daemon is meant. */
export function givenAddress({ address, home }: GlobalOptions): string | undefined {
  return address ?? (home === undefined ? process.env['PARAMO_ADDRESS'] || undefined : undefined);
}

/** The home that is meant, which may not exist. */
export function givenHome({ home }: GlobalOptions): string {
  return home === undefined ? findHome(process.cwd(), process.env) : resolve(home);
}

/**
 * Runs `use` over a connection and closes it. The home's daemon is started if none runs, the home itself made only where `create` says so.
 * @throws ParamoError STUDY_NOT_FOUND where there is no home, and what connecting throws.
 */
export async function withConnection<T>(options: GlobalOptions, use: (connection: Connection) => Promise<T>, { create = false }: { readonly create?: boolean } = {}): Promise<T> {
  const address = givenAddress(options);
  const home = givenHome(options);
  if (address === undefined && !create && !existsSync(home)) {
    throw new ParamoError({ code: 'STUDY_NOT_FOUND', message: `there is no home at ${home}, so there are no studies`, hint: 'Go to the directory of your project, or name its home with --home or PARAMO_HOME; a script that tunes or tracks makes one.' });
  }
  process.env['PARAMO_BIN'] ||= daemonProgram;
  const connection = await connect({ ...(address === undefined ? { home } : { address }), ...(options.token !== undefined && { token: options.token }), patienceMs });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}
