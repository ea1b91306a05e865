import { openStudy, space, float } from '@paramo/client';
import type { Measurement } from './measurement.js';
import { withDaemon } from './with-daemon.js';

const logCalls = 100_000;
const ingestPoints = 1_000_000;
/** Points after which the loop lets the transport run, as training code does between steps. */
const burst = 1000;

/** What one `log` call costs the training loop, and how many points a second become durable. */
export async function measureReporting(repetitions: number): Promise<Measurement[]> {
  const callNs: number[] = [];
  const ingest: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    await withDaemon(async (connection) => {
      const study = await openStudy({ name: 'bench', space: space({ x: float(0, 1) }), objective: 'min loss', strategy: 'random' }, { connection });
      const first = await study.ask();
      const burstNs: number[] = [];
      for (let step = 0; step < logCalls; step += burst) {
        const begun = performance.now();
        for (let j = step; j < step + burst; j++) first.log({ loss: j }, j);
        burstNs.push(((performance.now() - begun) * 1e6) / burst);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      // Of all bursts the one in the middle: what else runs on the machine hits some of them.
      callNs.push(burstNs.sort((a, b) => a - b)[burstNs.length >> 1]!);
      await first.complete();

      const second = await study.ask();
      const begun = performance.now();
      for (let step = 0; step < ingestPoints; step += burst) {
        for (let j = step; j < step + burst; j++) second.log({ loss: j }, j);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await second.complete();
      ingest.push((ingestPoints - connection.reporter.lost.dropped) / ((performance.now() - begun) / 1000));
    });
  }
  return [
    { work: 'one log() in the training loop', system: 'paramo', unit: 'ns', values: callNs, higherIsBetter: false, note: 'bursts of 1000 calls, one metric; the median burst' },
    { work: 'ingest, one client', system: 'paramo', unit: 'points/s', values: ingest, higherIsBetter: true, note: 'durable; one series of one trial, from the first call to the trial being complete' },
  ];
}
