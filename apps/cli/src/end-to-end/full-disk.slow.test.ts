import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createGrpcTransport } from '@paramo/client';
import { ParamoError } from '@paramo/core';
import { CompleteRequest, EnqueueRequest, FailRequest, Goal, MetricServiceService, OpenStudyRequest, ReportOnceRequest, ServerServiceService, StreamSeriesRequest, StudyServiceService, TrialServiceService, TrialState } from '@paramo/protocol';
import type { Transport } from '@paramo/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Sandbox } from '../testing/sandbox.js';
import { daemonOf, mountSmallDisk } from '../testing/small-disk.js';
import type { SmallDisk } from '../testing/small-disk.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.close());

const trialCount = 40;

/** Tracked runs of one study, all of them running, and the worker that has them. */
interface Runs {
  /** Sends twenty more points; resolves when they are on disk. */
  report(trial: number): Promise<void>;
  complete(trial: number): Promise<unknown>;
  fail(trial: number): Promise<unknown>;
  state(trial: number): Promise<TrialState>;
  /** How many points are stored. */
  points(trial: number): Promise<number>;
  /** Whether the daemon says that its disk is full. */
  saysFull(): Promise<boolean>;
}

async function startRuns(transport: Transport): Promise<Runs> {
  const { study } = await transport.unary(StudyServiceService.openStudy, OpenStudyRequest.fromPartial({ spec: { name: 'runs', plan: { objectives: [{ metric: 'loss', goal: Goal.GOAL_MIN }] } } }));
  const { studyId } = study!;
  const attemptOf = (trial: number): { readonly studyId: string; readonly trial: bigint; readonly attempt: number } => ({ studyId, trial: BigInt(trial), attempt: 1 });
  for (let trial = 0; trial < trialCount; trial++) {
    await transport.unary(TrialServiceService.enqueue, EnqueueRequest.fromPartial({ studyId, requestId: `start ${trial}`, startFor: { id: 'w', process: 'w', host: 'elsewhere' } }));
  }
  const sequences = new Map<number, number>();
  return {
    async report(trial) {
      const sequence = (sequences.get(trial) ?? 0) + 1;
      const steps = Array.from({ length: 20 }, (_, i) => (sequence - 1) * 20 + i);
      const series = [{ name: 'loss', steps: steps.map(BigInt), values: steps, timesMs: [] }];
      const { update } = await transport.unary(TrialServiceService.reportOnce, ReportOnceRequest.fromPartial({ writerId: 'w', batch: { ...attemptOf(trial), sequence: BigInt(sequence), series } }));
      expect(update!.ackedSequence).toBe(BigInt(sequence));
      sequences.set(trial, sequence);
    },
    complete: (trial) => transport.unary(TrialServiceService.complete, CompleteRequest.fromPartial({ attempt: attemptOf(trial), writerId: 'w', requestId: `end ${trial}`, values: { values: new Map([['loss', trial / 2]]) } })),
    fail: (trial) => transport.unary(TrialServiceService.fail, FailRequest.fromPartial({ attempt: attemptOf(trial), writerId: 'w', requestId: `end ${trial}`, error: { message: 'out of memory', stack: 'here' } })),
    state: async (trial) => (await transport.unary(TrialServiceService.getTrial, { studyId, number: BigInt(trial) })).trial!.state,
    async points(trial) {
      let count = 0;
      for await (const { series } of transport.serverStream(MetricServiceService.streamSeries, StreamSeriesRequest.fromPartial({ studyId, trial: BigInt(trial) }))) count += series!.steps.length;
      return count;
    },
    async saysFull() {
      const { findings } = await transport.unary(ServerServiceService.checkHealth, {});
      return findings.some(({ subject, ok, detail, hint }) => subject === 'disk' && !ok && /is full .* ends and states of trials are still stored/.test(detail) && hint.startsWith('Free some space'));
    },
  };
}

/** Calls until the answer is as wanted. */
async function until<T>(call: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await call();
    if (wanted(answer)) return answer;
    await pause(50);
  }
}

async function onSmallDisk(kind: 'tmpfs' | 'ext4', use: (disk: SmallDisk) => Promise<void>): Promise<void> {
  const disk = await mountSmallDisk(sandbox, kind);
  if (typeof disk === 'string') return void process.stderr.write(`not run: ${disk}\n`);
  const up = (): Promise<unknown> => {
    const daemon = disk.paramo('up', '--foreground', '--idle-minutes', '0');
    return Promise.race([until(() => Promise.resolve(daemon.stderr), (said) => said.includes('listens on')), daemon.ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  };
  await up();
  await use(disk);
}

// Again when the daemon died of it: its database library overflows a buffer of its own at about one of eight failed writes.
test.each(['tmpfs', 'ext4'] as const)('on a full disk (%s) trials still end, metrics are refused for a while, and all goes on by itself when there is room', { retry: 2, timeout: 60_000 }, async (kind) => {
  await onSmallDisk(kind, async (disk) => {
    const transport = createGrpcTransport(daemonOf(disk));
    const runs = await startRuns(transport);
    const acked = new Map<number, number>();
    const report = async (trial: number): Promise<void> => {
      await runs.report(trial);
      acked.set(trial, (acked.get(trial) ?? 0) + 20);
    };
    for (let trial = 0; trial < trialCount; trial++) await report(trial);
    expect(await runs.saysFull()).toBe(false);

    disk.fill();
    const refusal = await until(() => report(39).then(() => undefined, ParamoError.from), (error) => error !== undefined);
    expect(refusal).toMatchObject({ code: 'STORE_FULL', details: { retryAfterMs: 1000 } });
    for (let trial = 0; trial < 20; trial++) await runs.complete(trial);
    for (let trial = 20; trial < 30; trial++) await runs.fail(trial);
    expect(await runs.saysFull()).toBe(true);
    const doctor = await disk.paramo('doctor').ended;
    expect(doctor).toMatchObject({ code: 1, stdout: expect.stringMatching(/^WRONG disk: .* is full/m) as unknown });
    const backup = join(dirname(disk.home), 'backup');
    expect(await disk.paramo('backup', backup).ended).toMatchObject({ code: 1, stderr: expect.stringContaining('STORE_FULL') as unknown });
    expect(readdirSync(dirname(disk.file(''))).filter((name) => name.startsWith('backup'))).toEqual([]);

    // With what was kept gone as well, an end waits, reads go on, and the end arrives once there is room.
    rmSync(disk.file('store/reserve'), { force: true });
    disk.fill();
    let ends = 0;
    const waiting = (async () => {
      for (let trial = 30; trial < 39; trial++) {
        await runs.complete(trial);
        ends++;
      }
    })();
    await until(async () => runs.points(39), (points) => points === acked.get(39));
    expect(await runs.state(5)).toBe(TrialState.TRIAL_STATE_COMPLETED);

    disk.free();
    await waiting;
    expect(ends).toBe(9);
    await until(() => report(39).then(() => true, () => false), Boolean);
    await until(() => runs.saysFull(), (full) => !full);
    expect(existsSync(disk.file('store/reserve'))).toBe(true);

    // And all of that was on disk.
    process.kill(daemonOf(disk).pid, 'SIGKILL');
    await transport.close();
    await disk.paramo('up', '--idle-minutes', '0').ended;
    const again = createGrpcTransport(daemonOf(disk));
    const { studies } = await again.unary(StudyServiceService.listStudies, { pageSize: 1, pageToken: '' });
    const { counts } = studies[0]!;
    expect(counts).toMatchObject({ completed: 29n, failed: 10n });
    for (const [trial, points] of acked) {
      let stored = 0;
      for await (const { series } of again.serverStream(MetricServiceService.streamSeries, StreamSeriesRequest.fromPartial({ studyId: studies[0]!.studyId, trial: BigInt(trial) }))) stored += series!.steps.length;
      expect(stored).toBe(points);
    }
    await again.close();
    expect(await disk.paramo('down').ended).toMatchObject({ code: 0 });
  });
});

test('a daemon whose disk is full and whose reserve is used up ends when it is told to', async () => {
  await onSmallDisk('tmpfs', async (disk) => {
    const transport = createGrpcTransport(daemonOf(disk));
    const runs = await startRuns(transport);
    disk.fill();
    rmSync(disk.file('store/reserve'));
    disk.fill();
    const ends = (async () => {
      for (let trial = 0; trial < trialCount; trial++) await runs.complete(trial);
    })().catch(ParamoError.from);
    await until(() => runs.saysFull(), Boolean);
    expect(await disk.paramo('down').ended).toMatchObject({ code: 0 });
    await ends;
    await transport.close();
  });
}, 60_000);
