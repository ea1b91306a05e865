import { setTimeout as pause } from 'node:timers/promises';
import { ServerServiceService } from '@paramo/protocol';
import type { Fault, FaultContext } from '../fault.js';
import type { Violation } from '../harness/check.js';
import { has } from '../harness/has.js';
import { countHistory, createScene } from '../harness/scene.js';
import type { Scene, Workers } from '../harness/scene.js';
import { sideBySide } from '../harness/side-by-side.js';

const calls = ['fdatasync', 'fsync', 'pwrite64', 'writev', 'rename', 'ftruncate', 'mkdir'] as const;
const errors = ['EIO', 'ENOSPC'] as const;
/** How a daemon whose store has failed ends, and one that could not start. */
const cleanEnds: readonly (number | null)[] = [3, 4];

/** Calls to the disk that fail, once or from then on, and syncs that take long. */
export const badDisk: Fault = {
  name: 'bad-disk',
  what: 'writes, syncs and renames that fail at the Nth call; syncs that take 300 ms',
  async run(context) {
    if (!has('strace')) return { counts: {}, violations: [], notRun: 'strace is not installed' };
    const rounds = context.long ? 150 : 8;
    const counts = { failures: rounds, 'clean ends': 0, 'ends by the library': 0, acks: 0 };
    const violations: (Violation | string)[] = [];
    for (const { ended, acks, found } of await sideBySide(context, rounds, failOnce)) {
      if (ended === 'cleanly') counts['clean ends']++;
      if (ended === 'by the library') counts['ends by the library']++;
      counts.acks += acks;
      violations.push(...found);
    }
    violations.push(...(await slowly(context)));
    return { counts, violations };
  },
};

async function failOnce(context: FaultContext, round: number): Promise<{ readonly ended: 'cleanly' | 'by the library' | undefined; readonly acks: number; readonly found: (Violation | string)[] }> {
  const { random } = context;
  const call = calls[round % calls.length]!;
  const at = 1 + random.int(call === 'fdatasync' || call === 'pwrite64' ? 60 : 6);
  const lasting = random.next() < 0.5;
  const fault = `${call}:error=${random.pick(errors)}:when=${at}${lasting ? '+' : ''}`;
  const scene = createScene(context, `round-${round}`);
  const found: (Violation | string)[] = [];
  const say = (detail: string): void => void found.push(`${fault}: ${detail}`);
  try {
    // A healthy start first: what fails is the work, at times also the next start.
    const healthy = await scene.start();
    const studyId = await scene.open();
    await scene.prove(studyId, 2);
    await healthy.stop();
    const daemon = scene.launch({ under: ['strace', '-f', '-qq', '--seccomp-bpf', '-o', '/dev/null', '-e', 'signal=none', '-e', `trace=${call}`, '-e', `inject=${fault}`, ...storePaths(scene.home, call)] });
    const workers = scene.work(studyId, 3);
    await Promise.race([daemon.ended, pause(2500)]);
    const ended = daemon.over;
    if (ended) {
      const { code, signal } = await daemon.ended;
      // lmdb 3.5.6 prints what it failed to write into a buffer that is too small for it (mdb.c, "Attempting to write page"), and at
      // times the allocator ends the process for that. What was acked is on disk all the same.
      if (signal === 'SIGABRT' && daemon.stderr.includes('Write error')) return { ended: 'by the library', acks: 0, found: await recover(scene, studyId, workers, fault) };
      if (!cleanEnds.includes(code)) say(`the daemon ended with ${code ?? signal}: ${daemon.stderr.trim().slice(-500)}`);
      else if (daemon.stderr.trim() === '') say(`the daemon ended with ${code} and without a word`);
    } else await daemon.kill();
    found.push(...(await recover(scene, studyId, workers, fault)));
    return { ended: ended ? 'cleanly' : undefined, acks: countHistory(scene.history())['acks'] ?? 0, found };
  } catch (error) {
    say((error as Error).message);
    return { ended: undefined, acks: 0, found };
  } finally {
    await scene.close();
  }
}

/** The next daemon, on a disk that works, has all that was acked. */
async function recover(scene: Scene, studyId: string, workers: Workers, fault: string): Promise<Violation[]> {
  await scene.start();
  await pause(300);
  await workers.stop();
  await scene.prove(studyId, 1);
  return (await scene.judge(studyId, { atRest: false })).map((one) => ({ ...one, detail: `${fault}: ${one.detail}` }));
}

/** The database alone for the calls on open files; everything of the daemon's for the others. */
function storePaths(home: string, call: string): string[] {
  return call === 'fsync' || call === 'rename' || call === 'mkdir' ? [] : ['-P', `${home}/store/data.mdb`];
}

/** A slow disk makes acks slow, and nothing else. */
async function slowly(context: FaultContext): Promise<(Violation | string)[]> {
  const scene = createScene(context, 'slow');
  try {
    const daemon = await scene.start({ under: ['strace', '-f', '-qq', '--seccomp-bpf', '-o', '/dev/null', '-e', 'signal=none', '-e', 'trace=fdatasync', '-e', 'inject=fdatasync:delay_enter=300000'] });
    const studyId = await scene.open();
    const workers = scene.work(studyId, 6);
    const slowest = await scene.withDaemon(async (transport) => {
      let worst = 0;
      for (let i = 0; i < 40; i++) {
        const begun = performance.now();
        await transport.unary(ServerServiceService.getServerInfo, {});
        worst = Math.max(worst, performance.now() - begun);
        await pause(50);
      }
      return worst;
    });
    await daemon.kill();
    await workers.stop();
    await scene.start();
    await scene.prove(studyId, 1);
    const acks = countHistory(scene.history())['acks'] ?? 0;
    return [
      ...(await scene.judge(studyId, { atRest: false })),
      ...(slowest < 250 ? [] : [`while syncs took 300 ms an answer that needs none took ${slowest.toFixed(0)} ms`]),
      ...(acks > 0 ? [] : ['with slow syncs nothing was acked']),
    ];
  } finally {
    await scene.close();
  }
}
