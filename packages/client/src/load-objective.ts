import { ParamoError } from '@paramo/core';
import type { Trial } from './trial.js';

/** The default export of a module, which evaluates a trial. @throws ParamoError INVALID_OPTIONS when there is none. */
export async function loadObjective(module: string): Promise<(trial: Trial) => unknown> {
  const { default: evaluate } = (await import(module).catch((cause: unknown) => {
    throw new ParamoError({ code: 'INVALID_OPTIONS', message: `the module ${module} cannot be loaded: ${(cause as Error | undefined)?.message}`, hint: "Give the URL of one that Node can import, such as new URL('./train.js', import.meta.url).", cause });
  })) as { default?: unknown };
  if (typeof evaluate === 'function') return evaluate as (trial: Trial) => unknown;
  throw new ParamoError({ code: 'INVALID_OPTIONS', message: `${module} has no function as its default export`, hint: 'Write: export default async function (trial) { … }' });
}
