// npm run test:frameworks: the callbacks for Python's frameworks against the newest of each, installed from the package
// index into an environment of their own (6 GB with PyTorch). Names each framework as run or not run, and why. Arguments
// choose among them.
import { spawnSync } from 'node:child_process';
import { pythonEnvironment, pythonTests } from './python-tests.js';
import { addCounts, countsLine, isGood } from './test-counts.js';
import type { TestCounts } from './test-counts.js';

interface Framework {
  readonly name: string;
  readonly packages: readonly string[];
  readonly tests: string;
}

const frameworks: readonly Framework[] = [
  { name: 'LightGBM and XGBoost', packages: ['lightgbm', 'xgboost', 'scikit-learn', 'pandas'], tests: 'tests/test_boosters.py' },
  { name: 'JAX', packages: ['jax'], tests: 'tests/with_frameworks/test_jax.py' },
  { name: 'Keras 3', packages: ['keras', 'jax'], tests: 'tests/with_frameworks/test_keras.py' },
  { name: 'PyTorch', packages: ['torch', 'numpy'], tests: 'tests/with_torch' },
  { name: 'Lightning', packages: ['lightning'], tests: 'tests/with_frameworks/test_lightning.py' },
  { name: 'Hugging Face Trainer', packages: ['transformers[torch]'], tests: 'tests/with_frameworks/test_huggingface.py' },
];

const none: TestCounts = { passed: 0, failed: 0, skipped: 0 };
const said: string[] = [];
let counts = none;

/** Installs a framework and runs its tests. */
function test(framework: Framework, python: string): void {
  const { name, packages, tests } = framework;
  console.log(`\n=== ${name}`);
  const pip = spawnSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', ...packages], { encoding: 'utf8' });
  if (pip.status !== 0) {
    said.push(`${name}: NOT RUN, pip could not install ${packages.join(' ')}: ${pip.stderr.trim().split('\n').at(-1) ?? 'it was ended'}`);
    counts = addCounts(counts, { ...none, skipped: 1 });
    return;
  }
  const own = pythonTests({ environment: 'frameworks', tests }, python);
  said.push(`${name}: run, ${countsLine(own)}`);
  counts = addCounts(counts, own);
}

const choice = process.argv.slice(2).map((argument) => argument.toLowerCase());
const chosen = frameworks.filter(({ name }) => choice.length === 0 || choice.some((part) => name.toLowerCase().includes(part)));
const python = pythonEnvironment({ environment: 'frameworks', tests: '' });
if (python === undefined) said.push('NOT RUN: there is no environment for them, see above.');
else for (const framework of chosen) test(framework, python);
for (const { name } of frameworks.filter((framework) => !chosen.includes(framework))) said.push(`${name}: NOT RUN, it was not chosen`);
console.log(`\n${said.join('\n')}\n${countsLine(counts)}`);
process.exitCode = isGood(counts) ? 0 : 1;
