import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@paramo/core';
import { checkRun } from './check.js';
import type { Defect } from './defects.js';
import { createPerson } from './person.js';
import type { SimulatedProcess } from './process.js';
import type { SiteName } from './sites.js';
import { createWorker } from './worker.js';
import { watchLeases } from './watch-leases.js';
import { drawWorkload } from './workload.js';
import { createWorld } from './world.js';

/** What came of a run. */
export interface SimulationResult {
  readonly seed: number;
  /** Broken promises in words; none: all is well. */
  readonly violations: readonly string[];
  /** Everything that was seen, in order. */
  readonly trace: readonly string[];
  /** Of the trace: the same for every run of the seed. */
  readonly digest: string;
  readonly sites: readonly SiteName[];
  /** Events, starts of the daemon, and virtual milliseconds. */
  readonly events: number;
  readonly starts: number;
  readonly virtualMs: number;
}

/** The longest that all work may take once nothing goes wrong any more, in virtual milliseconds. */
const livenessMs = 15 * 60_000;
/** What is still under way when all is done gets there within so long. */
const settleMs = 5000;
/** How often there is an occasion for something to go wrong by itself. */
const stormMs = 1500;

/**
 * Runs daemon and workers of a seed: first with everything that may go wrong at the seed's sites, then with nothing of it until all
 * work is done, and holds the daemon to all it has said, after one more crash.
 */
export async function simulate(seed: number, { defect }: { readonly defect?: Defect } = {}): Promise<SimulationResult> {
  const workload = drawWorkload(seed);
  const random = createRandom('simulation', seed);
  const world = await createWorld({ seed, files: workload.spools || workload.studies.some(({ saves }) => saves), defect });
  const { schedule, sites, history, ledger, network, daemon, violations, folder, runUntil, drive } = world;
  const broken = (what: string): void => void violations.push(what);
  const writers = new Map<string, SimulatedProcess>();
  const workers = workload.workers.map((given, index) =>
    createWorker({
      ...given, seed, index, studies: workload.studies, schedule, sites, history, network, workPath: join(folder ?? tmpdir(), 'work'), spoolPath: workload.spools ? join(folder!, 'spool') : undefined,
      onStart: (writerId, process) => void writers.set(writerId, process),
      broken,
    }),
  );
  const person = createPerson({ seed, studies: workload.studies, schedule, history, network });

  history.note('run', `seed ${seed}: ${workload.studies.map(({ options, steps }) => `${JSON.stringify(options.strategy)}+${JSON.stringify(options.stopper ?? 'none')} x${options.budget?.trials} of ${steps} steps`).join('; ')}; workers ${workload.workers.map(({ mode, slots }) => `${mode} ${slots}`).join(', ')}`);
  history.note('run', `sites: ${sites.enabled.join(', ') || 'none'}`);

  /** What goes wrong by itself, from time to time. */
  const storm = (): void => {
    if (sites.healed) return;
    schedule.after(stormMs * (0.5 + random.next()), storm);
    const worker = random.pick(workers);
    const victim = worker.process;
    if (sites.fires('daemon killed')) daemon.kill('by chance');
    if (sites.fires('daemon stopped')) daemon.stop(1000 + 29_000 * sites.draw('daemon stopped') ** 2);
    if (sites.fires('disk nearly full')) daemon.fill(20_000 * sites.draw('disk nearly full') ** 2);
    if (sites.fires('wall clock jumps')) (sites.draw('wall clock jumps') < 0.5 ? daemon.process : victim)?.jumpWall(Math.round((sites.draw('wall clock jumps') - 0.5) * 1e10));
    if (sites.fires('person')) person.meddle();
    if (!victim?.isAlive) return;
    if (sites.fires('worker killed')) victim.kill();
    else if (sites.fires('host gone')) network.vanish(victim);
    else if (sites.fires('worker told to end')) worker.leave();
    else if (sites.fires('connection broken')) network.breakConnections(victim);
    else if (sites.fires('network cut')) {
      network.cut(victim, random.pick(['up', 'down', 'both']));
      schedule.after(30_000 * sites.draw('network cut') ** 2, () => network.heal(victim));
    } else if (sites.fires('worker stopped') && !victim.isStopped) {
      history.note('fault', `${victim.name} is stopped`);
      victim.stop();
      schedule.after(25_000 * sites.draw('worker stopped') ** 2, () => victim.goOn());
    }
  };
  const leases = watchLeases({ schedule, daemon, network, ledger, writers, broken });

  for (const worker of workers) schedule.after(random.int(2000), worker.start);
  schedule.after(2000, storm);
  const meddled = sites.enabled.includes('person');
  const isOver = (): boolean => workers.every(({ finished }) => finished) && !person.isMeddling;
  await runUntil(workload.safetyMs, () => !meddled && isOver());

  history.note('run', 'from here on nothing goes wrong');
  sites.heal();
  network.heal();
  for (const { process } of workers) if (process?.isStopped) process.goOn();
  const tidyUp = (): void => {
    person.tidyUp();
    schedule.after(5000, tidyUp);
  };
  if (meddled) tidyUp();
  await runUntil(schedule.nowMs + livenessMs, isOver);
  // What a person added or opened after the others had gone home is work again.
  for (let rounds = 0; rounds < 3 && meddled && isOver() && (await drive(person.findsOpen())); rounds++) {
    for (const worker of workers) worker.revive();
    await runUntil(schedule.nowMs + livenessMs, isOver);
  }
  if (violations.length === 0 && !isOver()) violations.push(`${workers.filter(({ finished }) => !finished).map(({ process }) => process?.name).join(', ')} did not come to an end within ${livenessMs / 60_000} min of peace`);
  leases.end();
  await runUntil(schedule.nowMs + settleMs);

  // Whatever was said must be true of what is on disk.
  daemon.kill('for the last time');
  await runUntil(schedule.nowMs + settleMs, () => daemon.upSinceMs !== undefined);
  violations.push(...ledger.broken);
  if (violations.length === 0) violations.push(...(await drive(checkRun({ seed, transport: daemon.services.transport, ledger, workload, note: (line) => history.note('check', line) }))));
  const result: SimulationResult = { seed, violations, trace: history.lines, digest: history.digest(), sites: sites.enabled, events: schedule.events, starts: daemon.starts, virtualMs: schedule.nowMs };
  await world.close();
  return result;
}
