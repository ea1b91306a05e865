import { setTimeout as pause } from 'node:timers/promises';
import { AskRequest, StudyServiceService, TrialServiceService } from '@paramo/protocol';
import type { Fault } from '../fault.js';
import { badPlugins as kinds, installBadPlugins } from '../harness/bad-plugins.js';
import type { Violation } from '../harness/check.js';
import { countHistory, createScene } from '../harness/scene.js';
import type { Scene } from '../harness/scene.js';

const endWithinMs = 20_000;

/** Strategies that throw, loop, flood, exit and leak, while another study goes on. */
export const badPlugins: Fault = {
  name: 'bad-plugins',
  what: 'strategies that throw, loop, flood, exit, leak and stray, beside a good one',
  async run(context) {
    const { random, long, say } = context;
    const scene = createScene(context);
    try {
      installBadPlugins(scene.directory);
      const daemon = await scene.start({ pluginLimits: { callTimeoutMs: 1500, memoryLimitMb: 150 } });
      const studyId = await scene.open();
      const workers = scene.work(studyId, 3, { pauseMs: 20 });
      const violations: (Violation | string)[] = [];
      let plugins = 0;
      let longestMs = 0;
      for (let round = 0; round < (long ? 10 : 1); round++) {
        for (const kind of random.shuffle(Object.keys(kinds))) {
          plugins++;
          const acks = scene.history().length;
          const end = await endOf(scene, kind, round);
          if (!kinds[kind]!.errors.includes(end)) violations.push(`the study of a strategy that ${kind} ended with ${end || 'nothing within 20 s'}, not ${kinds[kind]!.errors.join(' or ')}`);
          const times = scene.history().slice(acks).flatMap((entry) => (entry.kind === 'acked' ? [entry.atMs] : []));
          if (times.length === 0) violations.push(`while a strategy ${kind}, the other study stood still`);
          longestMs = times.reduce((longest, time, i) => (i === 0 ? longest : Math.max(longest, time - times[i - 1]!)), longestMs);
          if (daemon.over) return { counts: { plugins }, violations: [...violations, `a strategy that ${kind} took the daemon with it: ${daemon.stderr.trim()}`] };
        }
      }
      say(`the other study waited for ${longestMs} ms at most`);
      await workers.stop();
      await scene.prove(studyId);
      violations.push(...(await scene.judge(studyId)), ...(await scene.outlived(daemon, studyId)));
      return { counts: { plugins, 'longest wait beside them ms': longestMs, ...countHistory(scene.history()) }, violations };
    } finally {
      await scene.close();
    }
  },
};

/** Opens a study with a bad strategy, asks for a trial, and answers the error that the study ends with. */
async function endOf(scene: Scene, kind: string, round: number): Promise<string> {
  const id = `bad-${kind}-${round}`;
  try {
    const studyId = await scene.open({ name: id, strategy: `paramo-strategy-${kind}` });
    return await scene.withDaemon(async (transport) => {
      const worker = { id, process: id, host: 'bed', pid: 0, labels: new Map<string, string>() };
      for (let waited = 0; waited < endWithinMs; waited += 200) {
        await transport.unary(TrialServiceService.ask, AskRequest.fromPartial({ studyId, revision: 99, worker, requestId: id, waitMs: 100 }), { timeoutMs: 5000 }).catch(() => undefined);
        const { study } = await transport.unary(StudyServiceService.getStudy, { key: { $case: 'studyId', value: studyId } }, { timeoutMs: 5000 });
        if (study?.errorCode) return study.errorCode;
        await pause(100);
      }
      return '';
    });
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}
