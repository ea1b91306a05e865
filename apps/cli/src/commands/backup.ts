import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ParamoError } from '@paramo/core';
import { backUp, systemClock } from '@paramo/daemon';
import { exitCodes } from '../exit-code.js';
import { note, printJson } from '../output.js';
import { givenAddress, givenHome } from '../session.js';
import type { GlobalOptions } from '../session.js';
import { createLive } from '../terminal/live.js';
import { readVersion } from '../version.js';

/** `paramo backup DIR`: a copy of the home's store, read as a whole before success is said. */
export async function backup(directory: string, options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  const home = localHome(options);
  if (!existsSync(home)) throw new ParamoError({ code: 'STUDY_NOT_FOUND', message: `there is no home at ${home}, so there is nothing to back up`, hint: 'Name the home with --home or PARAMO_HOME.' });
  const live = createLive(process.stderr);
  const info = await backUp({ home, directory, version: readVersion(), nowMs: systemClock.wallMs(), onProgress: (text) => live.update(text) }).finally(() => live.done());
  if (options.json) await printJson({ directory: resolve(directory), home, ...info });
  else note(`backed up ${home} to ${resolve(directory)} and checked it: ${info.content.join('; ')}`);
  return exitCodes.ok.code;
}

/** The home that is meant. @throws ParamoError INVALID_ARGUMENT when an address was given, for what is needed lies on its host. */
export function localHome(options: GlobalOptions): string {
  const address = givenAddress(options);
  if (address === undefined) return givenHome(options);
  throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `the store of the daemon at ${address} cannot be reached over its address`, hint: 'Run this on its host, with --home DIR.' });
}
