import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { nearMiss, ParamoError } from '@paramo/core';
import type { PluginSource } from '../host/host.js';
import { homeFiles } from './home-files.js';

const packageName = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
const pluginName = /^(?:@paramo\/|(?:@[^/]+\/)?paramo-)(?:strategy|stopper)-[^/]+$/;

/**
 * The packages a daemon may load plugins from: those of the composition root, then what `plugins` in `config.json` of the
 * home lists, then what the package.json next to the home depends on and whose names are those of plugins
 * (`@paramo/strategy-x`, `paramo-strategy-x`, `@scope/paramo-strategy-x`; stoppers alike). Of a package named twice the
 * first holds. Nothing else is ever looked at: no directory is scanned.
 * @throws ParamoError INVALID_OPTIONS for a config.json that is not as it should be.
 */
export function readPluginSources(homePath: string, root: readonly PluginSource[]): readonly PluginSource[] {
  const { configFile } = homeFiles(homePath);
  const project = dirname(homePath);
  const sources = new Map<string, PluginSource>();
  for (const source of [
    ...root,
    ...configured(configFile).map((name) => ({ package: name, from: homePath })),
    ...dependencies(`${project}/package.json`).map((name) => ({ package: name, from: project })),
  ]) {
    if (!sources.has(source.package)) sources.set(source.package, source);
  }
  return [...sources.values()];
}

function configured(path: string): readonly string[] {
  const text = readIfThere(path);
  if (text === undefined) return [];
  const config = parseObject(text);
  if (!config) throw invalid(path, 'it is not one JSON object');
  const unknown = Object.keys(config).find((key) => key !== 'plugins');
  if (unknown !== undefined) {
    const near = nearMiss(unknown, ['plugins']);
    throw invalid(path, `it has the unknown key "${unknown}"${near === undefined ? '' : `; did you mean "${near}"?`}`);
  }
  const { plugins = [] } = config;
  if (!Array.isArray(plugins)) throw invalid(path, '"plugins" is not a list');
  for (const name of plugins as readonly unknown[]) {
    if (typeof name !== 'string' || !packageName.test(name)) throw invalid(path, `"plugins" has ${JSON.stringify(name)}, which is no package name`);
  }
  return plugins;
}

/** A package.json belongs to the user's project: what does not make sense there is not ours to complain about. */
function dependencies(path: string): readonly string[] {
  const manifest = parseObject(readIfThere(path) ?? '');
  return ['dependencies', 'optionalDependencies', 'devDependencies']
    .flatMap((field) => Object.keys(Object(manifest?.[field])))
    .filter((name) => packageName.test(name) && pluginName.test(name));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw new ParamoError({ code: 'INVALID_OPTIONS', message: `${path} cannot be read`, hint: 'Make it readable, or remove it.', cause: thrown });
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function invalid(path: string, why: string): ParamoError {
  return new ParamoError({ code: 'INVALID_OPTIONS', message: `${path} cannot be used: ${why}`, hint: 'Write it as { "plugins": ["paramo-strategy-x"] }, with package names, or remove it.' });
}
