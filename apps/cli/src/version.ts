import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory of this package: where its `package.json` and its plugins are looked for. */
export const packageDirectory: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** The version of this package. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(`${packageDirectory}/package.json`, 'utf8')) as { readonly version: string };
  return version;
}
