import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root folder of this repository. */
export const repository: string = fileURLToPath(new URL('../../../', import.meta.url));

/** The path of a command that an npm dependency of this repository installed. */
export function command(name: string): string {
  return join(repository, 'node_modules', '.bin', name);
}
