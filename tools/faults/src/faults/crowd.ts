import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../fault.js';
import { checkHoldings, settled } from '../harness/check-holdings.js';
import type { Violation } from '../harness/check.js';
import { countHistory, createScene } from '../harness/scene.js';

/** Hundreds of workers find the daemon again at the same moment. */
export const crowd: Fault = {
  name: 'crowd',
  what: '300 workers reconnecting at once after a kill of the daemon',
  async run(context) {
    const { long, say } = context;
    const scene = createScene(context);
    const workers = 300;
    const rounds = long ? 5 : 1;
    try {
      let daemon = await scene.start();
      const studyId = await scene.open({ leaseMs: 10_000 });
      const running = scene.work(studyId, workers, { pauseMs: 500, plain: true });
      await pause(5000);
      const before = await daemon.holdings();
      const violations: (Violation | string)[] = [];
      let slowestMs = 0;
      for (let round = 0; round < rounds; round++) {
        await daemon.kill();
        await pause(500);
        const acksBefore = heardOf();
        daemon = await scene.start();
        const begun = performance.now();
        while (heardOf().size - acksBefore.size < 0.9 * workers && performance.now() - begun < withinMs) await pause(50);
        const tookMs = performance.now() - begun;
        slowestMs = Math.max(slowestMs, tookMs);
        if (tookMs >= withinMs) violations.push(`after ${withinMs / 1000} s only ${heardOf().size - acksBefore.size} of ${workers} workers had been answered again`);
        say(`round ${round}: answered again after ${(tookMs / 1000).toFixed(1)} s`);
        violations.push(...checkHoldings(before, await settled(() => daemon.holdings())));
      }
      await running.stop();
      await scene.prove(studyId);
      violations.push(...(await scene.judge(studyId, { atRest: false })));
      return { counts: { workers, rounds, 'answered after ms': Math.round(slowestMs), ...countHistory(scene.history()) }, violations };
    } finally {
      await scene.close();
    }

    /** Which attempts have been heard of: one more for each worker that is answered again. */
    function heardOf(): ReadonlySet<string> {
      return new Set(scene.history().flatMap((entry) => (entry.kind === 'acked' ? [`${entry.trial}/${entry.attempt}/${entry.sequence}`] : [])));
    }
  },
};

const withinMs = 20_000;
