import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findUpward } from '../home.js';
import type { PackagesDescription } from './run-description.js';

const lockFiles = [
  'package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'uv.lock', 'poetry.lock', 'pdm.lock', 'Pipfile.lock', 'pixi.lock', 'conda-lock.yml',
  'requirements.txt', 'environment.yml', 'Cargo.lock', 'go.sum', 'Gemfile.lock', 'renv.lock', 'Manifest.toml',
];
const mostPackages = 500;

/** The nearest lock file of a directory; of a Node program also the versions of its direct dependencies. */
export async function readPackages(directory: string, isNode: boolean): Promise<PackagesDescription> {
  const [lockFile, versions] = await Promise.all([readLockFile(directory), isNode ? readVersions(directory) : {}]);
  return { ...(lockFile && { lockFile }), versions };
}

async function readLockFile(directory: string): Promise<PackagesDescription['lockFile']> {
  for (let dir = directory; ; dir = dirname(dir)) {
    const name = lockFiles.find((file) => existsSync(join(dir, file)));
    if (name !== undefined) return readFile(join(dir, name)).then((content) => ({ name, sha256: createHash('sha256').update(content).digest('hex') }), () => undefined);
    if (dirname(dir) === dir) return undefined;
  }
}

async function readVersions(directory: string): Promise<Readonly<Record<string, string>>> {
  const manifest = findUpward(directory, 'package.json');
  if (manifest === undefined) return {};
  const { dependencies = {}, devDependencies = {}, optionalDependencies = {}, peerDependencies = {} } = await readJson(manifest);
  const names = [...new Set([dependencies, devDependencies, optionalDependencies, peerDependencies].flatMap((kind) => Object.keys(kind)))].sort().slice(0, mostPackages);
  const versions = await Promise.all(names.map(async (name) => {
    const installed = findUpward(dirname(manifest), join('node_modules', name, 'package.json'));
    return [name, installed === undefined ? undefined : (await readJson(installed)).version] as const;
  }));
  return Object.fromEntries(versions.filter((entry): entry is readonly [string, string] => typeof entry[1] === 'string'));
}

interface Manifest {
  readonly version?: string;
  readonly dependencies?: object;
  readonly devDependencies?: object;
  readonly optionalDependencies?: object;
  readonly peerDependencies?: object;
}

async function readJson(path: string): Promise<Manifest> {
  try {
    return (JSON.parse(await readFile(path, 'utf8')) as Manifest | null) ?? {};
  } catch {
    return {};
  }
}
