import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isParamoError } from '@paramo/core';
import type { Random } from '@paramo/core';
import { checkHome } from '@paramo/daemon';
import type { Fault, FaultContext } from '../fault.js';
import { createScene } from '../harness/scene.js';
import type { Scene } from '../harness/scene.js';
import { sideBySide } from '../harness/side-by-side.js';
import { readSnapshot } from '../harness/snapshot.js';
import type { Snapshot } from '../harness/snapshot.js';

/** Bytes that change or go at rest. */
export const rot: Fault = {
  name: 'rot',
  what: 'flipped bytes and truncated files, in the database and in blobs',
  async run(context) {
    const { long, say } = context;
    const base = createScene(context, 'base');
    try {
      const daemon = await base.start();
      const studyIds = await Promise.all(['one', 'two'].map((name) => base.open({ name, trials: 12 })));
      for (const studyId of studyIds) await base.work(studyId, 2).finished(12);
      const sound = await Promise.all(studyIds.map((studyId) => base.withDaemon((transport) => readSnapshot(transport, studyId))));
      await daemon.stop();
      const counts = { rounds: long ? 400 : 20, unharmed: 0, 'refused to start': 0, 'refused to read': 0, 'told by doctor alone': 0, 'ended by a signal': 0 };
      const violations: string[] = [];
      for (const { damage, outcome, wrong } of await sideBySide(context, counts.rounds, (own, round) => damageOnce(own, base, sound, round))) {
        if (outcome) counts[outcome]++;
        violations.push(...wrong.map((what) => `${damage}: ${what}`));
      }
      say(`${counts.rounds} damages, ${violations.length} not as they should be`);
      return { counts, violations };
    } finally {
      await base.close();
    }
  },
};

type RotOutcome = 'unharmed' | 'refused to start' | 'refused to read' | 'told by doctor alone' | 'ended by a signal';

async function damageOnce(context: FaultContext, base: Scene, sound: readonly Snapshot[], round: number): Promise<{ readonly damage: string; readonly outcome?: RotOutcome; readonly wrong: string[] }> {
  const scene = createScene(context, `round-${round}`);
  cpSync(join(base.home, 'store'), join(scene.home, 'store'), { recursive: true });
  const damage = damageStore(join(scene.home, 'store'), context.random, round % 2 === 0);
  try {
    const daemon = scene.launch();
    try {
      await daemon.ready();
    } catch {
      const { code, signal } = await daemon.ended;
      const says = daemon.stderr.trim();
      if (isMemoryFault(signal)) return { damage, outcome: 'ended by a signal', wrong: [] };
      return { damage, outcome: 'refused to start', wrong: code === refusal && /^(STORE_CORRUPT|STORE_FORMAT|DATA_LOSS)/.test(says) ? [] : [`the daemon ended with ${code ?? signal} at its start: ${says.slice(-300)}`] };
    }
    let outcome: RotOutcome = 'unharmed';
    const wrong: string[] = [];
    for (const whole of sound) {
      try {
        const found = await scene.withDaemon((transport) => readSnapshot(transport, whole.studyId));
        const difference = differenceOf(whole, found);
        if (difference !== undefined) {
          if (await isFound(scene.home)) outcome = 'told by doctor alone';
          else wrong.push(`${difference} is not what was stored, and nobody says so`);
        }
        for (const { name, wrong: other, detail } of [...found.checkpoints, ...found.artifacts]) if (other) wrong.push(`the file ${name} was handed out with other content: ${detail}`);
        if ([...found.checkpoints, ...found.artifacts].some((file) => !file.whole)) outcome = 'refused to read';
      } catch (error) {
        outcome = 'refused to read';
        if (!isParamoError(error, 'STORE_CORRUPT') && !isParamoError(error, 'DATA_LOSS')) wrong.push(`a study was refused with ${(error as Error).message}`);
      }
    }
    if (daemon.over) {
      const { code, signal } = await daemon.ended;
      if (isMemoryFault(signal)) return { damage, outcome: 'ended by a signal', wrong: [] };
      wrong.push(`the daemon ended with ${code ?? signal} while it was read: ${daemon.stderr.trim().slice(-300)}`);
    }
    return { damage, outcome, wrong };
  } finally {
    await scene.close();
    rmSync(scene.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The database library follows damaged page numbers to where no memory is: it does not check them. */
function isMemoryFault(signal: NodeJS.Signals | null): boolean {
  return signal === 'SIGSEGV' || signal === 'SIGBUS';
}

/** Whether `paramo doctor` finds something wrong. */
async function isFound(home: string): Promise<boolean> {
  for await (const news of checkHome(home)) if (news.kind === 'finding' && !news.finding.ok) return true;
  return false;
}

/** How a daemon that could not start ends. */
const refusal = 4;

/** Changes one file of the store, and says how. */
function damageStore(store: string, random: Random, database: boolean): string {
  const blobs = (readdirSync(join(store, 'blobs'), { recursive: true }) as string[]).filter((path) => statSync(join(store, 'blobs', path)).isFile()).map((path) => join('blobs', path));
  const file = database ? 'data.mdb' : random.pick(blobs.sort());
  const path = join(store, file);
  const { size } = statSync(path);
  if (random.next() < 0.25) {
    const left = random.int(size);
    truncateSync(path, left);
    return `${file} cut to ${left} of ${size} bytes`;
  }
  const at = random.int(size);
  const bit = random.int(8);
  const content = readFileSync(path);
  content[at]! ^= 1 << bit;
  rmSync(path);
  writeFileSync(path, content);
  return `bit ${bit} of byte ${at} of ${size} of ${file} turned`;
}

/** The first part of a study that is not as it was. */
function differenceOf(whole: Snapshot, found: Snapshot): string | undefined {
  for (const part of ['log', 'trials', 'series'] as const) if (asText(whole[part]) !== asText(found[part])) return `its ${part}`;
  const names = ({ checkpoints, artifacts }: Snapshot): string => asText([...checkpoints, ...artifacts].map(({ name }) => name));
  return names(whole) === names(found) ? undefined : 'its list of files';
}

function asText(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one));
}
