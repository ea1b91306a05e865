import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../fault.js';
import type { Violation } from '../harness/check.js';
import { countHistory, createScene } from '../harness/scene.js';
import { readLog } from '../harness/snapshot.js';

const leaseMs = 3000;
const offsets = ['-1h', '+2h', '+10y', '-3d', '+1s', '-30s', '+0'] as const;

/** Jumps of the wall clocks of daemon and workers, each on its own. */
export const clocks: Fault = {
  name: 'clocks',
  what: 'wall clocks of daemon and workers that jump, each on its own',
  async run(context) {
    const library = fakeTimeLibrary();
    if (library === undefined) return { counts: {}, violations: [], notRun: 'libfaketime is not installed' };
    const { random, long } = context;
    const scene = createScene(context);
    const clockOf = (name: string): { readonly env: Readonly<Record<string, string>>; jump(): void } => {
      const path = join(scene.directory, `clock-${name}`);
      writeFileSync(path, '+0');
      // The monotonic clock stays what it is; the file is read again at each call.
      return {
        env: { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: path, FAKETIME_NO_CACHE: '1', DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
        jump: () => writeFileSync(path, random.pick(offsets)),
      };
    };
    try {
      const clocksOf = { daemon: clockOf('daemon'), one: clockOf('one'), two: clockOf('two') };
      const daemon = await scene.start({ env: clocksOf.daemon.env });
      const study = 'bed';
      const studyId = await scene.open({ name: study, leaseMs });
      const workers = (['one', 'two'] as const).map((name) => scene.spawnWorkers({ studyId, study, raw: 2, sdk: 2, pauseMs: 40, env: clocksOf[name].env }));
      const jumps = long ? 300 : 25;
      for (let jump = 0; jump < jumps; jump++) {
        await pause(150 + random.int(200));
        random.pick(Object.values(clocksOf)).jump();
      }
      const violations: (Violation | string)[] = [];
      const lost = (await scene.withDaemon((transport) => readLog(transport, studyId))).filter((event) => event.kind === 'trial_yielded' && event.why === 'lost').length;
      if (lost > 0) violations.push(`${lost} attempts were lost though every worker was there all the time`);
      for (const worker of workers) {
        const { code, signal } = await worker.kill('SIGTERM');
        if (code !== 0) violations.push(`a worker ended with ${code ?? signal}`);
      }
      await scene.prove(studyId);
      violations.push(...(await scene.judge(studyId, { leaseMs })));
      if (daemon.over) violations.push('the daemon ended');
      return { counts: { jumps, ...countHistory(scene.history()) }, violations };
    } finally {
      await scene.close();
    }
  },
};

function fakeTimeLibrary(): string | undefined {
  for (const folder of ['/usr/lib', '/usr/local/lib', '/usr/lib64']) {
    if (!existsSync(folder)) continue;
    for (const name of ['', ...readdirSync(folder)]) {
      // The one for programs with threads.
      const path = join(folder, name, 'faketime', 'libfaketimeMT.so.1');
      if (existsSync(path)) return path;
    }
  }
  return undefined;
}
