import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isParamoError } from '@paramo/core';
import type { Random } from '@paramo/core';
import type { Fault, FaultContext, FaultResult } from '../fault.js';
import { check } from '../harness/check.js';
import type { Violation } from '../harness/check.js';
import { createDiskModel } from '../harness/disk-model.js';
import { has } from '../harness/has.js';
import { historyUntil } from '../harness/history.js';
import type { HistoryEntry } from '../harness/history.js';
import { createScene } from '../harness/scene.js';
import { readSnapshot } from '../harness/snapshot.js';
import { readWriteLog, traceInto } from '../harness/write-log.js';
import type { TimedOperation } from '../harness/write-log.js';

/** A power cut: everything the daemon wrote is played again up to some moment, less what no sync had made durable. */
export const powerCut: Fault = {
  name: 'power-cut',
  what: 'a power cut at random instants that loses unsynced sectors and names',
  async run(context) {
    if (!has('strace')) return { counts: {}, violations: [], notRun: 'strace is not installed' };
    const { long } = context;
    const safe = await cutThrough(context, { unsafe: false, cuts: long ? 1000 : 50 });
    const unsafe = await cutThrough(context, { unsafe: true, cuts: 6 });
    // Whatever is found makes a run fail: something acked that is gone, or a database that says it is damaged.
    const found = unsafe.violations.length;
    return {
      counts: { ...safe.counts, 'violations found when acks come before the sync': found },
      violations: [...safe.violations, ...(found > 0 ? [] : ['a daemon that acks before the sync lost power six times, and the checker noticed nothing'])],
    };
  },
};

const workMs = 1200;

/** What was recorded of a home that lost no power. */
interface Recording {
  readonly operations: readonly TimedOperation[];
  readonly history: readonly HistoryEntry[];
  readonly studyId: string;
  readonly openedMs: number;
}

async function cutThrough(context: FaultContext, { unsafe, cuts }: { readonly unsafe: boolean; readonly cuts: number }): Promise<FaultResult> {
  const { random, say } = context;
  const violations: (Violation | string)[] = [];
  const lives = Math.ceil(cuts / 200);
  let operations = 0;
  for (let life = 0; life < lives; life++) {
    const name = `${unsafe ? 'unsafe' : 'safe'}-${life}`;
    const recording = await record(context, name, unsafe);
    operations += recording.operations.length;
    const count = Math.ceil(cuts / lives);
    const moments = Array.from({ length: count }, () => random.int(recording.operations.length)).sort((a, b) => a - b);
    const disk = createDiskModel();
    let applied = 0;
    const waiting: Promise<void>[] = [];
    for (const [i, moment] of moments.entries()) {
      while (applied < moment) disk.apply(recording.operations[applied++]!);
      const image = `${name}-cut-${i}`;
      const keep = random.pick([0, 0.5, 0.5, 0.9]);
      disk.materialize(join(context.directory, image), keep, random, recording.operations[moment]);
      waiting.push(judge(context, image, recording, recording.operations[moment]!.beganMs).then((found) => void violations.push(...found.map((one) => (typeof one === 'string' ? `cut ${i} of ${name}: ${one}` : { ...one, detail: `cut ${i} of ${name}: ${one.detail}` })))));
      if (waiting.length === 3) await Promise.all(waiting.splice(0));
    }
    await Promise.all(waiting);
    say(`${name}: ${count} cuts through ${recording.operations.length} operations, ${violations.length} violations so far`);
  }
  return { counts: { cuts, operations }, violations };
}

/** Lets a daemon work under strace, killed once in between, from the first start on. */
async function record(context: FaultContext, name: string, unsafe: boolean): Promise<Recording> {
  const scene = createScene(context, name);
  const logs = [0, 1].map((i) => join(context.directory, `${name}-${i}.log`));
  try {
    const first = await scene.start({ unsafe, under: traceInto(logs[0]!) });
    const studyId = await scene.open();
    const openedMs = Date.now();
    const workers = scene.work(studyId, 3, { pauseMs: 20 });
    const bulk = scene.workInBulk(studyId, 1);
    await pause(workMs);
    await first.kill();
    const second = await scene.start({ unsafe, under: traceInto(logs[1]!) });
    await pause(workMs / 2);
    if (!unsafe) await scene.compact();
    await pause(workMs / 2);
    await Promise.all([workers.stop(), bulk.stop()]);
    await second.stop();
    const operations = readWriteLog(logs, scene.directory);
    if (!unsafe) compareWithReal(operations, scene.directory, join(context.directory, `${name}-whole`), context.random);
    for (const log of logs) rmSync(log);
    return { operations, history: [...scene.history()], studyId, openedMs };
  } finally {
    await scene.close();
  }
}

/** That playing everything gives the files that are there; otherwise the cuts would prove nothing. @throws Error. */
function compareWithReal(operations: readonly TimedOperation[], real: string, played: string, random: Random): void {
  const disk = createDiskModel();
  for (const operation of operations) disk.apply(operation);
  disk.materialize(played, 1, random);
  const store = join('.paramo', 'store');
  for (const path of filesOf(join(real, store))) {
    if (path.endsWith('-lock')) continue; // Written through a mapping; nothing durable is in it.
    const found = readFileSync(join(played, store, path));
    if (!found.equals(readFileSync(join(real, store, path)))) throw new Error(`${path} played again differs from the real file`);
  }
  rmSync(played, { recursive: true });
}

function filesOf(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter((path) => statSync(join(folder, path)).isFile());
}

/** Opens what the power cut left and compares it with what had been acked by then. */
async function judge(context: FaultContext, image: string, { history, studyId, openedMs }: Recording, cutMs: number): Promise<(Violation | string)[]> {
  const scene = createScene(context, image);
  try {
    await scene.start();
    const snapshot = await scene.withDaemon((transport) => readSnapshot(transport, studyId)).catch((error: unknown) => {
      if (isParamoError(error, 'STUDY_NOT_FOUND') && openedMs >= cutMs) return undefined;
      throw error;
    });
    const violations: (Violation | string)[] = snapshot ? check(historyUntil(history, cutMs), snapshot, { atRest: false }) : [];
    if (violations.length === 0) await scene.prove(snapshot ? studyId : await scene.open({ name: 'anew' }), 1);
    await scene.close();
    if (violations.length === 0) rmSync(scene.directory, { recursive: true, force: true, maxRetries: 5 });
    return violations;
  } catch (error) {
    return [(error as Error).message];
  } finally {
    await scene.close();
  }
}
