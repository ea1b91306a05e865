import { resolve } from 'node:path';
import { restore as restoreHome } from '@paramo/daemon';
import { exitCodes } from '../exit-code.js';
import { note, printJson } from '../output.js';
import type { GlobalOptions } from '../session.js';
import { createLive } from '../terminal/live.js';
import { localHome } from './backup.js';

/** `paramo restore DIR`: puts a backup in the place of the home's store, which is kept beside it. */
export async function restore(directory: string, options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  const home = localHome(options);
  const live = createLive(process.stderr);
  const restored = await restoreHome({ directory, home, onProgress: (text) => live.update(text) }).finally(() => live.done());
  if (options.json) await printJson({ directory: resolve(directory), home, ...restored });
  else note(`brought ${resolve(directory)} of ${new Date(restored.beganMs).toISOString()} back to ${home} and checked it: ${restored.content.join('; ')}${restored.replaced === undefined ? '' : `. The store that was there is now ${restored.replaced}: remove it when you miss nothing`}`);
  return exitCodes.ok.code;
}
