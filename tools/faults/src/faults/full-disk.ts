import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AskRequest, CompleteRequest, FailRequest, ReportOnceRequest, TrialServiceService } from '@paramo/protocol';
import type { Fault } from '../fault.js';
import type { Violation } from '../harness/check.js';
import { countHistory, createScene } from '../harness/scene.js';
import type { Scene } from '../harness/scene.js';
import { mountSmallDisk, smallDiskLack } from '../harness/small-disk.js';
import { readSnapshot } from '../harness/snapshot.js';

/** The disk of store and blobs runs full under load, and has room again. */
export const fullDisk: Fault = {
  name: 'full-disk',
  what: 'the disk of store and blobs runs full, and has room again',
  async run(context) {
    const lack = smallDiskLack();
    if (lack !== undefined) return { counts: {}, violations: [], notRun: lack };
    const { random, long, say } = context;
    const scene = createScene(context);
    const disk = await mountSmallDisk(join(scene.home, 'store'), 96);
    try {
      const violations: (Violation | string)[] = [];
      const daemon = await scene.start({ under: disk.under });
      const studyId = await scene.open({ leaseMs: 60_000 });
      const rounds = long ? 20 : 2;
      let ends = 0;
      for (let round = 0; round < rounds; round++) {
        const held = await holdTrials(scene, studyId, 4, round);
        const workers = scene.work(studyId, 4);
        await pause(500 + random.int(1000));
        disk.fill();
        await pause(2500);
        if (daemon.over) {
          const { code, signal } = await daemon.ended;
          return { counts: { rounds: round }, violations: [...violations, `on a full disk the daemon ended with ${code ?? signal}: ${daemon.stderr.trim()}`] };
        }
        ends += await endTrials(scene, studyId, held, violations);
        // What is stored can be read while nothing more can be.
        await scene.withDaemon((transport) => readSnapshot(transport, studyId)).catch((error: Error) => violations.push(`on a full disk the study could not be read: ${error.message}`));
        disk.free();
        await pause(3000);
        await workers.stop();
        await scene.prove(studyId);
      }
      const refused = scene.history().filter((entry) => entry.kind === 'lost' && entry.code === 'STORE_FULL').length;
      say(`${refused} calls were refused as full, ${ends} trials ended meanwhile`);
      if (refused === 0) violations.push('no call was refused although the disk was full');
      violations.push(...(await scene.judge(studyId, { atRest: false })));
      return { counts: { rounds, 'refused as full': refused, 'ended on a full disk': ends, ...countHistory(scene.history()) }, violations };
    } finally {
      await scene.close();
      await disk.close();
    }
  },
};

/** Starts trials and gives each a point. */
async function holdTrials(scene: Scene, studyId: string, count: number, round: number): Promise<{ readonly trial: bigint; readonly attempt: number }[]> {
  return scene.withDaemon((transport) =>
    Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const id = `holder-${round}-${i}`;
        const { assignment } = await transport.unary(TrialServiceService.ask, AskRequest.fromPartial({ studyId, revision: 99, requestId: id, waitMs: 20_000, worker: { id, process: id, host: 'bed', pid: 0, labels: new Map<string, string>() } }));
        const key = { trial: assignment!.trial!.number, attempt: assignment!.attempt };
        scene.record({ kind: 'sent', studyId, trial: Number(key.trial), attempt: key.attempt, sequence: 1, points: [[0, 0.5]] });
        await transport.unary(TrialServiceService.reportOnce, ReportOnceRequest.fromPartial({ writerId: id, batch: { studyId, ...key, sequence: 1n, series: [{ name: 'loss', steps: [0n], values: [0.5], timesMs: [] }] } }));
        scene.record({ kind: 'acked', studyId, trial: Number(key.trial), attempt: key.attempt, sequence: 1 });
        return key;
      }),
    ),
  );
}

/** Ends them while there is no room: from the reserve that is kept for that. Answers how many could be. */
async function endTrials(scene: Scene, studyId: string, held: readonly { readonly trial: bigint; readonly attempt: number }[], violations: (Violation | string)[]): Promise<number> {
  let ended = 0;
  await scene.withDaemon(async (transport) => {
    for (const [i, key] of held.entries()) {
      const request = { attempt: { studyId, ...key }, requestId: `end ${key.trial}/${key.attempt}`, writerId: 'ender' };
      try {
        if (i % 2 === 0) await transport.unary(TrialServiceService.complete, CompleteRequest.fromPartial(request), { timeoutMs: 10_000 });
        else await transport.unary(TrialServiceService.fail, FailRequest.fromPartial({ ...request, error: { message: 'broke', stack: '' } }), { timeoutMs: 10_000 });
        scene.record({ kind: 'ended', studyId, trial: Number(key.trial), attempt: key.attempt, state: i % 2 === 0 ? 'completed' : 'failed' });
        ended++;
      } catch (error) {
        violations.push(`on a full disk the end of trial ${key.trial} was refused: ${(error as Error).message}`);
      }
    }
  });
  return ended;
}
