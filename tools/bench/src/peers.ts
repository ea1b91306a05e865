import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measurement } from './measurement.js';

const here = fileURLToPath(new URL('..', import.meta.url));
const environment = join(here, '.venv');
const python = join(environment, 'bin', 'python');

/** Measures the peers in a virtual environment made for that. Where one cannot be installed, `say` is told so, and there is no figure. */
export function measurePeers(repetitions: number, say: (line: string) => void): Measurement[] {
  try {
    if (!existsSync(python)) {
      say('installing Optuna into a virtual environment …');
      execFileSync('python3', ['-m', 'venv', environment], { stdio: 'pipe' });
      execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'optuna'], { stdio: 'pipe' });
    }
    execFileSync(python, ['-c', 'import optuna'], { stdio: 'pipe' });
  } catch (error) {
    say(`Optuna could not be installed, so it is not measured: ${String(error).split('\n')[0]}`);
    return [];
  }
  const printed = execFileSync(python, [join(here, 'peers', 'optuna_bench.py'), String(repetitions)], { encoding: 'utf8' });
  return JSON.parse(printed) as Measurement[];
}
