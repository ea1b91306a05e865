import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearMiss, ParamoError } from '@paramo/core';
import type { PluginKind, PluginSource } from './host.js';
import type { PluginCode } from './messages.js';
import { findPackage, packageEntry } from './package-entry.js';
import type { PackageJson } from './package-entry.js';
import { packagesFor, parsePluginPackage } from './plugin-name.js';

/** A plugin that the sources name. Nothing of its code has run. */
export interface CataloguedPlugin {
  readonly name: string;
  readonly package: string;
  readonly kind: PluginKind;
  /** True: threads of the daemon may run it. */
  readonly firstParty: boolean;
}

/** A plugin whose package is there. */
export interface InstalledPlugin extends CataloguedPlugin {
  readonly version: string;
  readonly code: PluginCode;
}

/** Knows which packages the sources name and where they lie. Packages are looked up at each call, so one installed meanwhile is found. */
export interface PluginCatalogue {
  readonly plugins: readonly CataloguedPlugin[];
  /** @throws ParamoError PLUGIN_NOT_INSTALLED with the install command; PLUGIN_FAILED when its package.json is of no use. */
  locate(plugin: CataloguedPlugin): InstalledPlugin;
  /** The plugin that `name` means. @throws ParamoError as `locate`, and UNKNOWN_PLUGIN or PLUGIN_MISMATCH. */
  find(kind: PluginKind, name: string): InstalledPlugin;
}

/** First-party plugins that there are, whether installed or not. */
const published: readonly string[] = [
  '@paramo/strategy-random', '@paramo/strategy-bayes', '@paramo/strategy-grid', '@paramo/strategy-pbt', '@paramo/stopper-asha', '@paramo/stopper-median',
];

/** First-party plugins that are to come, by kind: users ask for them by name. */
const planned: Readonly<Record<PluginKind, readonly string[]>> = { strategy: ['tpe'], stopper: ['hyperband'] };

/** A catalogue of the packages that `sources` name; the earlier of two with one package wins. */
export function createPluginCatalogue(sources: readonly PluginSource[]): PluginCatalogue {
  const from = new Map<string, string>();
  for (const source of sources) if (!from.has(source.package)) from.set(source.package, source.from);
  const plugins = [...from.keys()].map(catalogued);
  const plainName = (plugin: CataloguedPlugin): string => plugin.name;

  function locate(plugin: CataloguedPlugin): InstalledPlugin {
    const directory = findPackage(plugin.package, from.get(plugin.package) ?? '.');
    if (directory === undefined) throw notInstalled(plugin);
    const json = readPackage(plugin, directory);
    const entry = packageEntry(directory, json);
    if (entry === undefined) throw unusable(plugin, 'its package.json exports no main module');
    return { ...plugin, version: json.version ?? '', code: { directory, entry } };
  }

  function find(kind: PluginKind, name: string): InstalledPlugin {
    const candidates = packagesFor(kind, name);
    for (const candidate of candidates) {
      const plugin = plugins.find((p) => p.package === candidate);
      if (!plugin) continue;
      if (plugin.kind !== kind) throw wrongKind(plugin, kind);
      return locate(plugin);
    }
    const missing = candidates.find((candidate) => published.includes(candidate));
    if (missing !== undefined && catalogued(missing).kind === kind) throw notInstalled(catalogued(missing));
    throw unknown(kind, name);
  }

  function unknown(kind: PluginKind, name: string): ParamoError {
    const message = planned[kind].includes(name) ? `the ${kind} ${name} is not in this release` : `no ${kind} is called ${JSON.stringify(name)}`;
    const other = plugins.find((plugin) => plugin.kind !== kind && plugin.name === name);
    if (other) return new ParamoError({ code: 'UNKNOWN_PLUGIN', message, hint: `${name} is a ${other.kind}: give ${other.kind}: '${name}'.` });
    const names = plugins.filter((plugin) => plugin.kind === kind).map(plainName);
    const near = nearMiss(name, names);
    const there = names.length > 0 ? `There ${names.length === 1 ? 'is' : 'are'}: ${names.join(', ')}.` : `No ${kind} is installed.`;
    return new ParamoError({ code: 'UNKNOWN_PLUGIN', message, hint: near === undefined ? there : `Did you mean ${near}? ${there}` });
  }

  return { plugins, locate, find };
}

function catalogued(name: string): CataloguedPlugin {
  const parsed = parsePluginPackage(name);
  if (!parsed) {
    const hint = 'Plugins are packages such as paramo-strategy-NAME, paramo-stopper-NAME or @scope/paramo-strategy-NAME.';
    throw new ParamoError({ code: 'UNKNOWN_PLUGIN', message: `${JSON.stringify(name)} is not the name of a plugin's package`, hint });
  }
  return { name: parsed.short, package: name, kind: parsed.kind, firstParty: parsed.firstParty };
}

function readPackage(plugin: CataloguedPlugin, directory: string): PackageJson {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as PackageJson;
  } catch (cause) {
    throw unusable(plugin, `its package.json cannot be read: ${(cause as Error).message}`);
  }
}

function notInstalled(plugin: CataloguedPlugin): ParamoError {
  const message = `the ${plugin.kind} ${plugin.name} is not installed`;
  return new ParamoError({ code: 'PLUGIN_NOT_INSTALLED', message, hint: `Run: npm install ${plugin.package}` });
}

function wrongKind(plugin: CataloguedPlugin, kind: PluginKind): ParamoError {
  const message = `${plugin.package} is a ${plugin.kind}, not a ${kind}`;
  return new ParamoError({ code: 'PLUGIN_MISMATCH', message, hint: `Give it as ${plugin.kind}: '${plugin.name}'.` });
}

function unusable(plugin: CataloguedPlugin, why: string): ParamoError {
  return new ParamoError({ code: 'PLUGIN_FAILED', message: `${plugin.package} cannot be loaded: ${why}`, hint: `Install it anew: npm install ${plugin.package}` });
}
