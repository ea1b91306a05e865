import { execFileSync } from 'node:child_process';
import { float, openStudy, space } from '@paramo/client';
import type { Measurement } from './measurement.js';
import { paramoBin, withDaemon } from './with-daemon.js';

/** From nothing running to the first trial in hand, and how long the command takes to show its help. */
export async function measureStarting(repetitions: number): Promise<Measurement[]> {
  const cold: number[] = [];
  const help: number[] = [];
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
  }
  return [
    { work: 'cold start to the first ask', system: 'paramo', unit: 'ms', values: cold, higherIsBetter: false, note: 'a new home, the daemon started by the client' },
    { work: 'paramo --help', system: 'paramo', unit: 'ms', values: help, higherIsBetter: false, note: 'a whole process; must stay under 150' },
  ];
}
