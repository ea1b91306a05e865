import { nearMiss, ParamoError } from '@paramo/core';
import type { Params } from '@paramo/core';

const placeholder = /\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_.-]*)\}/g;

/**
 * A command with the params of a trial put in: `{lr}` is the value of lr, an argument `{args}` becomes `--lr=0.1 --opt=adam`,
 * `{params}` the params as JSON; `{{` and `}}` stand for braces. Arguments are never read by a shell.
 */
export function fillCommand(command: readonly string[], params: Params): readonly string[] {
  return command.flatMap((argument) => {
    if (argument === '{args}') return Object.entries(params).map(([name, value]) => `--${name}=${String(value)}`);
    return [argument.replace(placeholder, (found, name: string | undefined) => (name === undefined ? found[0]! : name === 'params' ? JSON.stringify(params) : String(params[name] ?? '')))];
  });
}

/**
 * The params that the command line does not name, which its program has to find in PARAMO_PARAMS.
 * @throws ParamoError INVALID_ARGUMENT for a placeholder of no parameter, naming the near miss.
 */
export function unusedParams(command: readonly string[], names: readonly string[]): readonly string[] {
  const used = new Set<string>();
  for (const argument of command) {
    if (argument === '{args}') return [];
    for (const [, name] of argument.matchAll(placeholder)) {
      if (name === undefined) continue;
      if (name === 'params') return [];
      if (!names.includes(name)) {
        const near = nearMiss(name, names);
        throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `the command has {${name}}, which is not a parameter`, hint: near === undefined ? `Declare it with -p ${name}=…, or write {{${name}}} for the braces themselves.` : `Did you mean {${near}}?` });
      }
      used.add(name);
    }
  }
  return names.filter((name) => !used.has(name));
}
