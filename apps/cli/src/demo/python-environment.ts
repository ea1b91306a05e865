import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ParamoError } from '@paramo/core';
import { note } from '../output.js';

const packageFolder = fileURLToPath(new URL('../../../../packages/adapter-python', import.meta.url));
const environment = join(packageFolder, '.venv-demo');
const requirements = ['scikit-learn>=1.3'];

/** The Python of an environment that has the package `paramo` and scikit-learn; made when it is first asked for. @throws ParamoError when that cannot be. */
export async function openPython(): Promise<string> {
  const python = join(environment, 'bin', 'python');
  const stamp = join(environment, 'made-of');
  const madeOf = createHash('sha256').update(readFileSync(join(packageFolder, 'pyproject.toml'))).update(requirements.join()).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === madeOf) return python;
  note('Making a Python environment with scikit-learn, once: a minute at most.');
  mkdirSync(dirname(environment), { recursive: true });
  await run('python3', ['-m', 'venv', environment], 'Install Python 3.9 or newer with its module venv.');
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--editable', packageFolder, ...requirements], 'See above what pip says; the demo of TensorFlow.js needs no Python.');
  writeFileSync(stamp, madeOf);
  return python;
}

function run(file: string, args: readonly string[], hint: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new ParamoError({ code: 'INVALID_ARGUMENT', message: `the Python environment could not be made: ${file} ${why}`, hint }));
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', ({ message }) => fail(message));
    child.once('close', (code) => (code === 0 ? resolve() : fail(`ended with ${code}`)));
  });
}
