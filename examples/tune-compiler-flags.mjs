// Nothing to do with learning: which flags make a program fastest? Needs a C++ compiler.
// Run it: node tune-compiler-flags.mjs
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bool, choice, space, tune } from 'paramo';

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'flags-'));
const source = join(folder, 'primes.cpp');
await writeFile(source, `#include <cstdio>
int main() { int count = 0; for (int n = 2; n < 20000; n++) { bool prime = true; for (int d = 2; d * d <= n; d++) prime &= n % d != 0; count += prime; } std::printf("%d\\n", count); }
`);

const best = await tune(
  {
    name: 'flags',
    space: space({ level: choice(['-O0', '-O1', '-O2', '-O3', '-Os'], { default: '-O0' }), native: bool(), unroll: bool() }),
    objective: 'min ms',
    budget: { trials: 8 },
    fresh: true,
  },
  async ({ number, params: { level, native, unroll } }) => {
    const program = join(folder, `primes-${number}`);
    await run('c++', [level, ...(native ? ['-march=native'] : []), ...(unroll ? ['-funroll-loops'] : []), source, '-o', program]);
    const times = [];
    for (let i = 0; i < 5; i++) {
      const begun = performance.now();
      await run(program);
      times.push(performance.now() - begun);
    }
    return times.sort((a, b) => a - b)[2];
  },
);
await rm(folder, { recursive: true });

const { level, native, unroll } = best.params;
console.log(`${best.value.toFixed(1)} ms with ${[level, native && '-march=native', unroll && '-funroll-loops'].filter(Boolean).join(' ')}`);
