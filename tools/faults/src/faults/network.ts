import { setTimeout as pause } from 'node:timers/promises';
import { createGrpcTransport, readDaemonFile } from '@paramo/client';
import type { Fault } from '../fault.js';
import { createEchoes } from '../harness/echoing-transport.js';
import { countHistory, createScene } from '../harness/scene.js';
import { startTcpProxy } from '../harness/tcp-proxy.js';

const leaseMs = 1500;

/** A network that drops, cuts, stalls and trickles connections. */
export const network: Fault = {
  name: 'network',
  what: 'connections dropped, cut in mid-frame, stalled, trickled, their answers lost',
  async run(context) {
    const { random, long, say } = context;
    const scene = createScene(context);
    const proxy = await startTcpProxy({ random, stallMs: leaseMs + 500, target: async () => (await readDaemonFile(scene.home))?.address });
    try {
      const daemon = await scene.start();
      const studyId = await scene.open({ name: 'bed', leaseMs });
      const dial = async () => {
        const file = await readDaemonFile(scene.home);
        return file && createGrpcTransport({ address: proxy.address, token: file.token });
      };
      const workers = scene.work(studyId, 6, { dial });
      const sdk = scene.spawnWorkers({ studyId, study: 'bed', raw: 0, sdk: 2, address: proxy.address });
      await pause(long ? 120_000 : 12_000);
      say(`did ${JSON.stringify(proxy.counts)}`);
      proxy.heal();
      await pause(3000);
      await workers.stop();
      const end = await sdk.kill('SIGTERM');
      await scene.prove(studyId);
      const violations = [...(await scene.judge(studyId, { leaseMs })), ...(await scene.outlived(daemon, studyId))];
      return {
        counts: { ...proxy.counts, ...countHistory(scene.history()) },
        violations: [...violations, ...(end.code === 0 ? [] : [`a process of the SDK ended with ${end.code ?? end.signal}`])],
      };
    } finally {
      await proxy.close();
      await scene.close();
    }
  },
};

/** Messages that come twice, late, out of order, and again after a restart of the daemon. */
export const echoes: Fault = {
  name: 'echoes',
  what: 'messages duplicated, reordered, and replayed after restarts',
  async run(context) {
    const { random, long } = context;
    const scene = createScene(context);
    try {
      let daemon = await scene.start();
      const studyId = await scene.open({ leaseMs });
      const memory = createEchoes(random);
      const dial = async () => {
        const file = await readDaemonFile(scene.home);
        return file && memory.through(createGrpcTransport({ address: file.address, token: file.token }));
      };
      const restarts = long ? 40 : 3;
      for (let i = 0; i < restarts; i++) {
        const workers = scene.work(studyId, 4, { dial });
        await pause(1500);
        await daemon.kill();
        daemon = await scene.start();
        await scene.withDaemon((transport) => memory.replay(transport, 200));
        await pause(500);
        await workers.stop();
      }
      await scene.prove(studyId);
      const violations = await scene.judge(studyId, { leaseMs });
      return { counts: { restarts, ...memory.counts, ...countHistory(scene.history()) }, violations };
    } finally {
      await scene.close();
    }
  },
};
