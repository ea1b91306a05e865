import { setTimeout as pause } from 'node:timers/promises';
import type { LogEvent } from '@paramo/core';
import type { Fault, FaultContext } from '../fault.js';
import type { Violation } from '../harness/check.js';
import type { HistoryEntry } from '../harness/history.js';
import { countHistory, createScene } from '../harness/scene.js';
import type { Scene } from '../harness/scene.js';
import { readLog } from '../harness/snapshot.js';
import { until } from '../harness/until.js';

/** Processes that stand still and go on: a worker for longer than its lease, the daemon for longer than all leases. */
export const stalls: Fault = {
  name: 'stalls',
  what: 'SIGSTOP of workers past their lease, and of the daemon',
  async run(context) {
    const { long, say } = context;
    const scene = createScene(context);
    try {
      const daemon = await scene.start();
      const study = 'bed';
      const studyId = await scene.open({ name: study, leaseMs });
      const violations: (Violation | string)[] = [];

      let fenced = 0;
      const workerStalls = long ? 10 : 2;
      for (let i = 0; i < workerStalls; i++) {
        const found = await stallWorkers(context, scene, studyId, study);
        fenced += found.fenced;
        violations.push(...found.violations);
      }
      say(`${workerStalls} workers stood still, ${fenced} attempts were fenced`);
      if (fenced === 0) violations.push('no attempt was fenced: the workers that stood still lost nothing');

      const daemonStallMs = long ? 30_000 : 2 * leaseMs;
      const daemonStalls = long ? 3 : 1;
      for (let i = 0; i < daemonStalls; i++) violations.push(...(await stallDaemon(context, scene, studyId, study, () => daemon, daemonStallMs)));
      say(`the daemon stood still ${daemonStalls} times for ${daemonStallMs / 1000} s`);

      await scene.prove(studyId);
      violations.push(...(await scene.judge(studyId, { leaseMs })), ...(await scene.outlived(daemon, studyId)));
      return { counts: { 'worker stalls': workerStalls, fenced, 'daemon stalls': daemonStalls, 'daemon stall ms': daemonStallMs, ...countHistory(scene.history()) }, violations };
    } finally {
      await scene.close();
    }
  },
};

const leaseMs = 1500;
/** Between two calls of a worker: long enough that it nearly always holds a trial. */
const pauseMs = 150;

/** Stops a process of workers until others have taken its trials, and lets it go on. */
async function stallWorkers({ random }: FaultContext, scene: Scene, studyId: string, study: string): Promise<{ readonly fenced: number; readonly violations: string[] }> {
  const stalled = scene.spawnWorkers({ studyId, study, raw: 2, sdk: 1, pauseMs });
  const others = scene.work(studyId, 2, { pauseMs: 20 });
  await until(() => scene.history().some(({ kind, ...entry }) => kind === 'given' && 'requestId' in entry && entry.requestId.startsWith(stalled.name)), 'the workers got no trial');
  await pause(500 + random.int(500));
  stalled.process.kill('SIGSTOP');
  const held = heldBy(stalled.name, scene.history());
  await pause(2.5 * leaseMs);
  await others.stop();
  const retaken = startsIn(await logOf(scene, studyId)).filter(({ trial, attempt }) => held.some((one) => one.trial === trial && one.attempt < attempt));
  const heardBefore = scene.history().length;
  stalled.process.kill('SIGCONT');
  await pause(1500);
  const end = await stalled.kill('SIGTERM');
  const later = scene.history().slice(heardBefore);
  return {
    fenced: retaken.length,
    violations: [
      ...(end.code === 0 ? [] : [`a worker that had stood still ended with ${end.code ?? end.signal}`]),
      ...later.flatMap((entry) => (entry.kind === 'refused' && entry.call === 'sdk' ? [`the code of a worker that had stood still saw ${entry.code}`] : [])),
    ],
  };
}

/** Stops the daemon for longer than all leases: no attempt may be lost for it. */
async function stallDaemon({ random }: FaultContext, scene: Scene, studyId: string, study: string, daemon: () => { signal(name: NodeJS.Signals): void }, forMs: number): Promise<string[]> {
  const workers = scene.spawnWorkers({ studyId, study, raw: 2, sdk: 2, pauseMs });
  await pause(2000 + random.int(500));
  const before = (await logOf(scene, studyId)).length;
  daemon().signal('SIGSTOP');
  await pause(forMs);
  daemon().signal('SIGCONT');
  await pause(2 * leaseMs);
  const lost = (await logOf(scene, studyId)).slice(before).filter((event) => event.kind === 'trial_yielded' && event.why === 'lost');
  const end = await workers.kill('SIGTERM');
  return [
    ...lost.map((event) => `the daemon stood still for ${forMs} ms and ${'trial' in event ? `trial ${event.trial}` : 'a trial'} was lost for it`),
    ...(end.code === 0 ? [] : [`a worker ended with ${end.code ?? end.signal} after the daemon had stood still`]),
  ];
}

/** Attempts given to the workers of a process and not ended by them. */
function heldBy(name: string, history: readonly HistoryEntry[]): { readonly trial: number; readonly attempt: number }[] {
  const held = new Map<string, { readonly trial: number; readonly attempt: number }>();
  for (const entry of history) {
    if (!('attempt' in entry)) continue;
    const key = `${entry.trial}/${entry.attempt}`;
    if (entry.kind === 'given' && entry.requestId.startsWith(name)) held.set(key, entry);
    else if (entry.kind === 'ended') held.delete(key);
  }
  return [...held.values()];
}

function startsIn(log: readonly LogEvent[]): Extract<LogEvent, { readonly kind: 'trial_started' }>[] {
  return log.filter((event) => event.kind === 'trial_started');
}

function logOf(scene: Scene, studyId: string): Promise<LogEvent[]> {
  return scene.withDaemon((transport) => readLog(transport, studyId));
}
