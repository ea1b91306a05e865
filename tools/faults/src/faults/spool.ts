import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, FaultContext } from '../fault.js';
import type { Violation } from '../harness/check.js';
import { countHistory, createScene } from '../harness/scene.js';
import type { Scene } from '../harness/scene.js';
import { mountSmallDisk, smallDiskLack } from '../harness/small-disk.js';
import { damageSpool, filledSpools, recordSpooled, syncSpools } from '../harness/spooled.js';
import { until } from '../harness/until.js';

const study = 'bed';
const steps = 60;
const pauseMs = 25;

/** Trainers that are killed, whose daemon is away, whose disk is full, and whose spool is damaged. */
export const spool: Fault = {
  name: 'spool',
  what: 'kill -9 of trainers while the daemon comes and goes; their spool delivered, full and damaged',
  async run(context) {
    const scene = createScene(context);
    try {
      await scene.start();
      const studyId = await scene.open({ name: study, steps });
      const killed = await killTrainers(context, scene, studyId);
      const full = await fillSpool(context, scene, studyId);
      const damaged = await damageSpools(context, scene, studyId);
      await scene.prove(studyId);
      const violations = [...killed.violations, ...full.violations, ...damaged.violations, ...(await scene.judge(studyId))];
      return { counts: { ...killed.counts, ...damaged.counts, ...countHistory(scene.history()) }, violations, ...(full.note !== undefined && { note: full.note }) };
    } finally {
      await scene.close();
    }
  },
};

interface Part {
  readonly counts: Readonly<Record<string, number>>;
  readonly violations: (Violation | string)[];
  readonly note?: string;
}

/** Kills trainers at random, at times with no daemon: what they had logged comes with the next start or `paramo sync`. */
async function killTrainers({ random, long }: FaultContext, scene: Scene, studyId: string): Promise<Part> {
  const kills = long ? 100 : 6;
  let spooled = 0;
  for (let i = 0; i < kills; i++) {
    const before = filledSpools(scene.home);
    const trainers = scene.spawnWorkers({ studyId, study, raw: 0, sdk: 2, steps, pauseMs });
    // Each has a spool of its own; what is logged before the thread that writes it has begun is lost with the process.
    await until(() => [...filledSpools(scene.home)].filter((one) => !before.has(one)).length === 2, 'the trainers wrote no spool');
    await pause(1000 + random.int(1000));
    const away = random.next() < 0.6;
    if (away) {
      await scene.killDaemon();
      await pause(300 + random.int(900));
    }
    const killedMs = Date.now();
    await trainers.kill('SIGKILL');
    spooled += recordSpooled(scene.history(), trainers.name, killedMs, scene.record);
    if (away) await scene.start();
    if (random.next() < 0.5) await syncSpools(scene.home);
  }
  await syncSpools(scene.home);
  return { counts: { 'trainers killed': kills, 'attempts in their spools': spooled }, violations: spooled > 0 ? [] : ['no killed trainer had anything in its spool'] };
}

/** A spool that takes nothing: training goes on, with the daemon and without. */
async function fillSpool(_: FaultContext, scene: Scene, studyId: string): Promise<Part> {
  const lack = smallDiskLack();
  if (lack !== undefined) return { counts: {}, violations: [], note: `a full spool was not tried: ${lack}` };
  const disk = await mountSmallDisk(join(scene.home, 'spool'), 2);
  try {
    const trainers = scene.spawnWorkers({ studyId, study, raw: 0, sdk: 2, steps, pauseMs, under: disk.under });
    await pause(1500);
    disk.fill();
    await scene.killDaemon();
    const before = scene.history().length;
    await pause(1500);
    const logged = scene.history().slice(before).filter(({ kind }) => kind === 'sent').length;
    await scene.start();
    await pause(1500);
    const { code, signal } = await trainers.kill('SIGTERM');
    return {
      counts: {},
      violations: [
        ...(code === 0 ? [] : [`with a full spool a trainer ended with ${code ?? signal}`]),
        ...(logged > 0 ? [] : ['with a full spool and no daemon the training stood still']),
      ],
    };
  } finally {
    await disk.close();
  }
}

/** Spools that were damaged before anybody delivered them: what can be read is delivered, what cannot is named, nothing is invented. */
async function damageSpools({ random, long }: FaultContext, scene: Scene, studyId: string): Promise<Part> {
  const rounds = long ? 30 : 2;
  let found = 0;
  const violations: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = filledSpools(scene.home);
    const trainers = [0, 1].map(() => scene.spawnWorkers({ studyId, study, raw: 0, sdk: 1, steps, pauseMs }));
    await until(() => [...filledSpools(scene.home)].filter((one) => !before.has(one)).length === 2, 'the trainers wrote no spool');
    await scene.killDaemon();
    await pause(800);
    await Promise.all(trainers.map((one) => one.kill('SIGKILL')));
    const damage = damageSpool(scene.home, random);
    await scene.start();
    const { damaged, left } = await syncSpools(scene.home);
    if (!damage) continue;
    const isLeft = left.some(({ directory }) => directory === damage.directory);
    if (isLeft || damaged.some(({ directory }) => directory === damage.directory)) found++;
    else if (damage.isDetectable) violations.push(`${damage.what}, and sync says nothing of it`);
    // Whose it was cannot be read any more: it might be at work, and has to be left alone.
    if (isLeft) rmSync(damage.directory, { recursive: true });
    for (const { directory, why } of left) if (directory !== damage.directory) violations.push(`${damage.what}: ${directory} is left alone: ${why}`);
  }
  return { counts: { 'spools damaged': rounds, 'found damaged': found }, violations };
}
