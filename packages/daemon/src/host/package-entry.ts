import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The parts of a package.json that say where its code lies. */
export interface PackageJson {
  readonly version?: string;
  readonly description?: string;
  readonly main?: string;
  readonly exports?: unknown;
}

const conditions = new Set(['node', 'import', 'default']);

/** The directory of an installed package as Node looks for it: in `node_modules` of `from` and of every directory above. */
export function findPackage(name: string, from: string): string | undefined {
  let directory = from.startsWith('file:') ? fileURLToPath(from) : from;
  for (;;) {
    const found = join(directory, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
    const above = dirname(directory);
    if (above === directory) return undefined;
    directory = above;
  }
}

/** The file URL of a package's main module, by `exports`, else `main`; undefined when it exports none. */
export function packageEntry(directory: string, { exports, main }: PackageJson): string | undefined {
  const target = exports === undefined ? (main ?? './index.js') : exportTarget(mainExport(exports));
  return target === undefined ? undefined : pathToFileURL(join(directory, target)).href;
}

function mainExport(exports: unknown): unknown {
  return typeof exports === 'object' && exports !== null && '.' in exports ? exports['.'] : exports;
}

/** The first target whose conditions hold for `import()` in Node. */
function exportTarget(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry;
  if (Array.isArray(entry)) return firstTarget(entry);
  if (typeof entry !== 'object' || entry === null) return undefined;
  return firstTarget(Object.entries(entry).flatMap(([condition, target]) => (conditions.has(condition) ? [target] : [])));
}

function firstTarget(entries: readonly unknown[]): string | undefined {
  for (const entry of entries) {
    const target = exportTarget(entry);
    if (target !== undefined) return target;
  }
  return undefined;
}
