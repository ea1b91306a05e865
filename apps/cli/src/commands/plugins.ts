import { nearMiss, ParamoError } from '@paramo/core';
import { exitCodes } from '../exit-code.js';
import { listPlugins } from '../operations.js';
import type { OptionsSchema, PluginDescription } from '../operations.js';
import { print, printJson, printRows } from '../output.js';
import type { Field } from '../output.js';
import { withConnection } from '../session.js';
import type { GlobalOptions } from '../session.js';

type Option = readonly [name: string, NonNullable<OptionsSchema['properties']>[string]];

const fields: readonly Field<PluginDescription>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'package', value: (plugin) => plugin.package },
  { title: 'version', value: ({ version }) => version },
  { title: 'options', value: ({ optionsSchema }) => Object.keys(optionsSchema.properties ?? {}).join(', '), maxWidth: 40 },
  { title: 'description', value: ({ description, error }) => (error === '' ? description : `cannot be loaded: ${error}`), maxWidth: 80 },
];

const optionFields: readonly Field<Option>[] = [
  { title: 'option', value: ([name]) => name },
  { title: 'values', value: ([, schema]) => allowed(schema) },
  { title: 'default', value: ([, schema]) => (schema.default === undefined ? '' : JSON.stringify(schema.default)) },
  { title: 'description', value: ([, { description }]) => description ?? '' },
];

/** `paramo plugins [NAME]`: the plugins the daemon may load, or the options of one. */
export function plugins(name: string | undefined, options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  return withConnection(options, async (connection) => {
    const all = await listPlugins(connection);
    if (name === undefined) {
      if (options.json) await printJson(all);
      else await printRows(all, fields);
      return exitCodes.ok.code;
    }
    const plugin = all.find((one) => one.name === name || one.package === name);
    if (!plugin) throw unknown(name, all);
    if (options.json) await printJson(plugin);
    else {
      if (process.stdout.isTTY) await print(`${plugin.name}: ${plugin.description}\n${plugin.kind} of ${plugin.package} ${plugin.version}${plugin.capabilities.length > 0 ? `; can deal with: ${plugin.capabilities.join(', ')}` : ''}\n\n`);
      await printRows(Object.entries(plugin.optionsSchema.properties ?? {}), optionFields);
    }
    return exitCodes.ok.code;
  });
}

function allowed({ type, enum: choices, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Option[1]): string {
  if (choices) return choices.map((choice) => JSON.stringify(choice)).join(' | ');
  const bounds = [
    minimum === undefined ? '' : `≥ ${minimum}`,
    exclusiveMinimum === undefined ? '' : `> ${exclusiveMinimum}`,
    maximum === undefined ? '' : `≤ ${maximum}`,
    exclusiveMaximum === undefined ? '' : `< ${exclusiveMaximum}`,
  ];
  return [Array.isArray(type) ? type.join(' | ') : typeof type === 'string' ? type : 'any', ...bounds].filter((part) => part !== '').join(' ');
}

function unknown(name: string, all: readonly PluginDescription[]): ParamoError {
  const near = nearMiss(name, all.flatMap((plugin) => [plugin.name, plugin.package]));
  return new ParamoError({ code: 'UNKNOWN_PLUGIN', message: `there is no plugin "${name}"`, hint: near === undefined ? `There are ${all.map((plugin) => plugin.name).join(', ')}.` : `Did you mean "${near}"?` });
}
