import type { PluginKind } from './host.js';

/** What a package's name says of the plugin in it. */
export interface PluginName {
  readonly kind: PluginKind;
  /** What users write: `random`; for a scoped third-party package, the package. */
  readonly short: string;
  readonly firstParty: boolean;
}

const pattern = /^(?:(@paramo)\/|(@[^/]+)\/paramo-|paramo-)(strategy|stopper)-(.+)$/;

/** Reads `@paramo/strategy-x`, `paramo-strategy-x`, `@scope/paramo-strategy-x` and the same for stoppers; undefined for other names. */
export function parsePluginPackage(name: string): PluginName | undefined {
  const match = pattern.exec(name);
  if (!match) return undefined;
  const [, own, scope, kind, short] = match;
  return { kind: kind as PluginKind, short: scope ? name : short!, firstParty: own !== undefined };
}

/** The packages that `name` may mean, the first-party one first. */
export function packagesFor(kind: PluginKind, name: string): readonly string[] {
  return name.includes('/') || parsePluginPackage(name) ? [name] : [`@paramo/${kind}-${name}`, `paramo-${kind}-${name}`];
}
