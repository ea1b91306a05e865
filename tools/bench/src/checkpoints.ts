import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { float, openStudy, space } from '@paramo/client';
import type { Measurement } from './measurement.js';
import { withDaemon } from './with-daemon.js';

const megabytes = 256;
const bytesOfMegabyte = 2 ** 20;

/** How fast checkpoints of one large file are stored, stored again with one chunk changed, and restored. The trainer's own writing is not counted. */
export async function measureCheckpoints(repetitions: number): Promise<Measurement[]> {
  const first: number[] = [];
  const again: number[] = [];
  const restored: number[] = [];
  const content = randomBytes(megabytes * bytesOfMegabyte);
  for (let i = 0; i < repetitions; i++) {
    await withDaemon(async (connection) => {
      const study = await openStudy({ name: 'bench', space: space({ x: float(0, 1) }), objective: 'min loss', strategy: 'random', budget: { trials: 1 } }, { connection });
      const trial = await study.ask();
      for (const values of [first, again]) {
        content[0]! ^= 1;
        trial.log({ loss: 1 });
        let begun = 0;
        const save = async (directory: string): Promise<void> => {
          await writeFile(join(directory, 'weights'), content);
          begun = performance.now();
        };
        await trial.checkpoint(save, { force: true });
        values.push(megabytes / ((performance.now() - begun) / 1000));
      }
      await trial.release();
      const begun = performance.now();
      await study.ask();
      restored.push(megabytes / ((performance.now() - begun) / 1000));
    });
  }
  const common = { system: 'paramo', unit: 'MB/s', higherIsBetter: true } as const;
  return [
    { ...common, work: `checkpoint of ${megabytes} MB, new`, values: first, note: 'hashed, streamed, every chunk synced and logged before it is answered' },
    { ...common, work: `checkpoint of ${megabytes} MB, one chunk changed`, values: again, note: 'the chunk that changed is sent; all are hashed' },
    { ...common, work: `restore of ${megabytes} MB`, values: restored, note: 'from the ask to the files, every byte verified; store and worker on one disk' },
  ];
}
