import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { float, openStudy, space } from '@paramo/client';
import type { Measurement } from './measurement.js';
import { paramoBin, withDaemon } from './with-daemon.js';

const pythonSource = fileURLToPath(new URL('../../../packages/adapter-python/src', import.meta.url));
const timedImport = 'import time; begun = time.perf_counter(); import paramo; print((time.perf_counter() - begun) * 1000)';

/** From nothing running to the first trial in hand, how long the command takes to show its help, and Python to load the package. */
export async function measureStarting(repetitions: number): Promise<Measurement[]> {
  const cold: number[] = [];
  const help: number[] = [];
  const imported: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const begun = performance.now();
    cold.push(await withDaemon(async (connection) => {
      const study = await openStudy({ name: 'bench', space: space({ x: float(0, 1) }), objective: 'min loss', strategy: 'random' }, { connection });
      await study.ask();
      return performance.now() - begun;
    }));
    const helpBegun = performance.now();
    execFileSync(process.execPath, [paramoBin, '--help']);
    help.push(performance.now() - helpBegun);
    imported.push(Number(execFileSync('python3', ['-c', timedImport], { encoding: 'utf8', env: { ...process.env, PYTHONPATH: pythonSource } })));
  }
  return [
    { work: 'cold start to the first ask', system: 'paramo', unit: 'ms', values: cold, higherIsBetter: false, note: 'a new home, the daemon started by the client' },
    { work: 'paramo --help', system: 'paramo', unit: 'ms', values: help, higherIsBetter: false, note: 'a whole process; must stay under 150' },
    { work: 'import paramo', system: 'paramo', unit: 'ms', values: imported, higherIsBetter: false, note: 'in Python, without its start; must stay under 60' },
  ];
}
