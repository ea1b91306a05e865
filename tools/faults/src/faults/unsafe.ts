import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../fault.js';
import { countHistory, createScene } from '../harness/scene.js';

/** A store that acks before the sync must be found out; otherwise the other runs would say nothing. */
export const unsafe: Fault = {
  name: 'unsafe',
  what: 'a daemon that acks before the sync is found out by kill -9',
  async run(context) {
    const { random, long } = context;
    const wanted = long ? 30 : 10;
    const scene = createScene(context);
    try {
      let lost = 0;
      let kills = 0;
      let daemon = await scene.start({ unsafe: true });
      const studyId = await scene.open();
      const workers = scene.work(studyId, 4, { pauseMs: 0 });
      while (kills < wanted) {
        await pause(100 + random.int(300));
        await daemon.kill();
        kills++;
        daemon = await scene.start({ unsafe: true });
      }
      await workers.stop();
      await daemon.stop();
      await scene.start();
      const found = await scene.judge(studyId, { atRest: false });
      lost = found.filter(({ invariant }) => invariant === 'acked is stored').length;
      return {
        counts: { kills, 'losses found': lost, ...countHistory(scene.history()) },
        violations: lost > 0 ? [] : [`${kills} kills of a daemon that acks before the sync, and the checker noticed nothing`],
      };
    } finally {
      await scene.close();
    }
  },
};
