import { float, openStudy, space, tune } from '@paramo/client';
import type { Measurement } from './measurement.js';
import { withDaemon } from './with-daemon.js';

const trialsPerRun = 1500;

/** Trials a second through a real daemon with a durable store: ask, one value, complete. */
export async function measureAskTell(workers: number, repetitions: number): Promise<Measurement> {
  const values: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    values.push(await withDaemon(async (connection) => {
      const options = { name: 'bench', space: space({ x: float(0, 1), y: float(0, 1) }), objective: 'min loss', strategy: 'random', budget: { trials: trialsPerRun } } as const;
      await openStudy(options, { connection });
      const begun = performance.now();
      await tune(options, ({ params }) => (params.x - 0.3) ** 2 + params.y, { workers, connection });
      return trialsPerRun / ((performance.now() - begun) / 1000);
    }));
  }
  const note = 'over gRPC, every trial durable before it is answered';
  return { work: `ask + tell, ${workers} ${workers === 1 ? 'worker' : 'workers'}`, system: 'paramo', unit: 'trials/s', values, higherIsBetter: true, note };
}
