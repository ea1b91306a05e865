import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, FaultContext } from '../fault.js';
import type { Violation } from '../harness/check.js';
import { countHistory, createScene } from '../harness/scene.js';
import { sideBySide } from '../harness/side-by-side.js';

/** kill -9 of daemon and workers at random instants, the very first start included. */
export const kills: Fault = {
  name: 'kills',
  what: 'kill -9 of daemon and workers at random instants, from the first start on, while the store is packed too',
  async run(context) {
    const { random, long } = context;
    const wanted = long ? 500 : 60;
    const firstStarts = Math.floor(wanted / 6);
    const violations: (Violation | string)[] = [];
    violations.push(...(await sideBySide(context, firstStarts, killFirstStart)).flat());

    const scene = createScene(context);
    try {
      let daemon = await scene.start();
      const study = 'bed';
      const studyId = await scene.open({ name: study, stopper: random.pick(['asha', 'none'] as const) });
      let workers = scene.spawnWorkers({ studyId, study, raw: 3, sdk: 1 });
      const inside = scene.work(studyId, 3);
      const bulkStudyId = await scene.open({ name: 'bulk', steps: 200_000 });
      const bulk = scene.workInBulk(bulkStudyId, long ? 60 : 5);
      let workerKills = 0;
      let compactions = 0;
      for (let kill = firstStarts; kill < wanted; kill++) {
        // Mostly at work, at times while it still starts, at times while it packs its store.
        if (random.next() < 0.8) await daemon.ready();
        if (random.next() < 0.4) {
          compactions++;
          void scene.compact();
        }
        await pause(50 + random.int(450));
        if (random.next() < 0.25) {
          workerKills++;
          await workers.kill('SIGKILL');
          workers = scene.spawnWorkers({ studyId, study, raw: 3, sdk: 1 });
          void scene.resume(study);
        }
        await daemon.kill();
        daemon = scene.launch();
      }
      await daemon.ready();
      await workers.kill('SIGTERM');
      await scene.prove(studyId);
      await Promise.all([inside.stop(), bulk.stop()]);
      violations.push(...(await scene.judge(studyId)), ...(await scene.judge(bulkStudyId)));
      return { counts: { kills: wanted, 'worker kills': workerKills, compactions, ...countHistory(scene.history()) }, violations };
    } finally {
      await scene.close();
    }
  },
};

/** Kills the first daemon of a home while it starts or shortly after; the second one must work. */
async function killFirstStart(context: FaultContext, index: number): Promise<(Violation | string)[]> {
  const scene = createScene(context, `first-${index}`);
  try {
    const first = scene.launch();
    await pause(150 + context.random.int(350));
    await first.kill();
    await scene.start();
    const studyId = await scene.open();
    await scene.prove(studyId, 1);
    return await scene.judge(studyId);
  } catch (error) {
    return [`first start ${index}: ${(error as Error).message}`];
  } finally {
    await scene.close();
  }
}
