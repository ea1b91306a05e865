import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../fault.js';
import type { Violation } from '../harness/check.js';
import { countHistory, createScene } from '../harness/scene.js';
import { mountSmallDisk, smallDiskLack } from '../harness/small-disk.js';
import { readSnapshot } from '../harness/snapshot.js';

/** The disk of store and blobs runs full under load, and has room again. */
export const fullDisk: Fault = {
  name: 'full-disk',
  what: 'the disk of store and blobs runs full, and has room again',
  async run(context) {
    const lack = smallDiskLack();
    if (lack !== undefined) return { counts: {}, violations: [], notRun: lack };
    const { random, long } = context;
    const scene = createScene(context);
    const disk = await mountSmallDisk(join(scene.home, 'store'), 64);
    try {
      const violations: (Violation | string)[] = [];
      let daemon = await scene.start({ under: disk.under });
      const studyId = await scene.open();
      const rounds = long ? 20 : 2;
      let cleanEnds = 0;
      for (let round = 0; round < rounds; round++) {
        const workers = scene.work(studyId, 4);
        await pause(500 + random.int(1000));
        disk.fill();
        await pause(3000);
        if (daemon.over) {
          const { code, signal } = await daemon.ended;
          if (code === cleanEnd && daemon.stderr.includes('full')) cleanEnds++;
          else violations.push(`on a full disk the daemon ended with ${code ?? signal}: ${daemon.stderr.trim()}`);
        } else {
          // What is stored can be read while nothing more can be.
          await scene.withDaemon((transport) => readSnapshot(transport, studyId)).catch((error: Error) => violations.push(`on a full disk the study could not be read: ${error.message}`));
        }
        disk.free();
        if (daemon.over) daemon = await scene.start({ under: disk.under });
        await pause(1000);
        await workers.stop();
        await scene.prove(studyId);
      }
      violations.push(...(await scene.judge(studyId)));
      const refused = scene.history().filter((entry) => entry.kind === 'lost' && entry.code === 'STORE_FULL').length;
      return { counts: { rounds, 'refused as full': refused, 'clean ends': cleanEnds, ...countHistory(scene.history()) }, violations };
    } finally {
      await scene.close();
      await disk.close();
    }
  },
};

/** How a daemon whose store has failed ends. */
const cleanEnd = 3;
