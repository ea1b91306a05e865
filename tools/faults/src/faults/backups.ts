import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Fault, FaultContext } from '../fault.js';
import { check } from '../harness/check.js';
import type { Violation } from '../harness/check.js';
import { historyUntil } from '../harness/history.js';
import { countHistory, createScene } from '../harness/scene.js';
import type { Scene } from '../harness/scene.js';
import { readSnapshot } from '../harness/snapshot.js';
import type { UpkeepProgramOptions } from '../harness/upkeep-program.js';

const program = fileURLToPath(new URL('../harness/upkeep-program.js', import.meta.url));

/** Backups under load, with kills of daemon and backup, and restores that are killed. */
export const backups: Fault = {
  name: 'backups',
  what: 'backups under load, brought back elsewhere; kill -9 of daemon, backup and restore',
  async run(context) {
    const { random, long } = context;
    const scene = createScene(context);
    try {
      const violations: (Violation | string)[] = [];
      await scene.start();
      const studyId = await scene.open();
      const workers = scene.work(studyId, 3, { pauseMs: 40 });
      const rounds = long ? 60 : 5;
      const counts = { rounds, backups: 0, 'backups killed': 0, 'restores killed': 0, 'daemons killed': 0 };
      for (let round = 0; round < rounds; round++) {
        await pause(300 + random.int(700));
        const directory = join(scene.directory, `backup-${round}`);
        const begunMs = Date.now();
        const backup = run({ task: 'backup', home: scene.home, directory });
        const luck = random.next();
        if (luck < 0.3) {
          await pause(random.int(1500));
          counts['backups killed']++;
          backup.kill();
        } else if (luck < 0.6) {
          await pause(random.int(800));
          counts['daemons killed']++;
          await scene.killDaemon();
          await scene.start();
        }
        const { code, stderr } = await backup.ended;
        if (code !== 0 && code !== null) violations.push(`a backup failed: ${stderr}`);
        if (!existsSync(directory)) continue;
        counts.backups++;
        const found = await bringBack(context, scene, { studyId, directory, begunMs, round });
        if (found.killed) counts['restores killed']++;
        violations.push(...found.violations);
      }
      await workers.stop();
      await scene.prove(studyId);
      violations.push(...(await scene.judge(studyId)), ...(counts.backups === 0 ? ['no backup was made'] : []));
      return { counts: { ...counts, ...countHistory(scene.history()) }, violations };
    } finally {
      await scene.close();
    }
  },
};

/** Brings a backup back into another home: what had been acked when it began is there. At times the restore is killed first. */
async function bringBack(context: FaultContext, from: Scene, { studyId, directory, begunMs, round }: { readonly studyId: string; readonly directory: string; readonly begunMs: number; readonly round: number }): Promise<{ readonly killed: boolean; readonly violations: (Violation | string)[] }> {
  const { random } = context;
  const scene = createScene(context, `restored-${round}`);
  const killed = random.next() < 0.5;
  const violations: (Violation | string)[] = [];
  const say = (detail: string): void => void violations.push(`backup ${round}: ${detail}`);
  try {
    // Something else is there before.
    await (await scene.start()).stop();
    if (killed) {
      const restore = run({ task: 'restore', home: scene.home, directory });
      await pause(random.int(1200));
      restore.kill();
      await restore.ended;
      // Either store is whole, the old or the new one.
      await (await scene.start()).stop();
    }
    const { code, stderr } = await run({ task: 'restore', home: scene.home, directory }).ended;
    if (code !== 0) say(`it could not be brought back: ${stderr}`);
    await scene.start();
    const snapshot = await scene.withDaemon((transport) => readSnapshot(transport, studyId));
    violations.push(...check(historyUntil(from.history(), begunMs), snapshot, { atRest: false }).map((one) => ({ ...one, detail: `backup ${round}: ${one.detail}` })));
    await scene.prove(studyId, 1);
  } catch (error) {
    say((error as Error).message);
  } finally {
    await scene.close();
  }
  if (violations.length === 0) for (const path of [scene.directory, directory]) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  return { killed, violations };
}

function run(options: UpkeepProgramOptions): { kill(): void; readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }> } {
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<{ readonly code: number | null; readonly stderr: string }>((resolve) => child.once('close', (code) => resolve({ code, stderr: stderr.trim() })));
  return { ended, kill: () => void child.kill('SIGKILL') };
}
