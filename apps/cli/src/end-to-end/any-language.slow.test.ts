import { execFile } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ChannelCredentials } from '@grpc/grpc-js';
import type {
  Batch} from '@paramo/protocol';
import { GetTrialRequest, MetricServiceClient, ReportOnceRequest, StreamSeriesRequest, TrialServiceClient, TrialState, Verdict,
  type AttemptUpdate, type GetTrialResponse, type ReportOnceResponse, type StreamSeriesResponse, type Trial,
} from '@paramo/protocol';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { codeBlocks } from '../testing/code-blocks.js';
import { createSandbox } from '../testing/sandbox.js';
import type { Running, Sandbox } from '../testing/sandbox.js';
import { packageDirectory } from '../version.js';

const repository = join(packageDirectory, '..', '..');
const run = promisify(execFile);

let sandbox: Sandbox | undefined;
afterEach(() => sandbox?.close());

/** A Python with stock gRPC packages, or why there is none. */
async function findPython(): Promise<{ readonly python: string } | { readonly missing: string }> {
  try {
    const { stdout } = await run('bash', [join(repository, 'tools', 'checks', 'python-env.sh')]);
    return { python: stdout.trim() };
  } catch (error) {
    return { missing: (error as { stderr?: string }).stderr || String(error) };
  }
}

/** The study that an SDK opened, seen over the wire. */
interface Watched {
  trial(number: number): Promise<Trial>;
  /** A message of one that has lost its trial. */
  report(batch: Partial<Batch>, writerId: string): Promise<AttemptUpdate>;
  values(trial: number, attempt: number): Promise<number[]>;
}

function watch({ socket }: ReturnType<Sandbox['daemon']>, studyId: string): Watched {
  const open = [`unix:${socket}`, ChannelCredentials.createInsecure()] as const;
  const [trials, metrics] = [new TrialServiceClient(...open), new MetricServiceClient(...open)];
  onTestFinished(() => [trials, metrics].forEach((client) => client.close()));
  return {
    trial: async (number) => (await new Promise<GetTrialResponse>((resolve, reject) => trials.getTrial(GetTrialRequest.fromPartial({ studyId, number: BigInt(number) }), (error, answer) => (error ? reject(error) : resolve(answer))))).trial!,
    async report(batch, writerId) {
      const request = ReportOnceRequest.fromPartial({ writerId, batch: { studyId, ...batch } });
      return (await new Promise<ReportOnceResponse>((resolve, reject) => trials.reportOnce(request, (error, answer) => (error ? reject(error) : resolve(answer))))).update!;
    },
    async values(trial, attempt) {
      const found: number[] = [];
      const parts = metrics.streamSeries(StreamSeriesRequest.fromPartial({ studyId, trial: BigInt(trial), names: ['loss'], attempt })) as AsyncIterable<StreamSeriesResponse>;
      for await (const { series } of parts) found.push(...series!.values);
      return found;
    },
  };
}

/** A study that an SDK opens; its id is the last line. */
const opener = `
import { float, openStudy, space } from 'paramo';
const study = await openStudy({ name: 'shared', space: space({ x: float(0, 1) }), objective: 'min loss', strategy: 'random', seed: 1, lease: '1s', retries: 5, budget: { trials: 6 } });
console.log(study.id);
`;

test('the trainers of docs/ANY_LANGUAGE.md work on a study that an SDK opened; lost ones are fenced as it says', { timeout: 180_000 }, async (context) => {
  const found = await findPython();
  if ('missing' in found) {
    if (process.env['CI']) throw new Error(found.missing);
    return context.skip(found.missing);
  }
  const blocks = codeBlocks('docs/ANY_LANGUAGE.md');
  const codeOf = (language: string): string => blocks.find((block) => block.language === language)!.code;
  // Nothing of Paramo but the .proto files.
  sandbox = createSandbox({ packages: ['@grpc/grpc-js', '@grpc/proto-loader'] });
  const { directory } = sandbox;
  symlinkSync(join(repository, 'proto'), join(directory, 'proto'));
  const generate = codeOf('sh').split('\n').find((line) => line.startsWith('python -m grpc_tools'))!;
  await run('bash', ['-c', generate.replace(/^python/, '"$0"'), found.python], { cwd: directory });
  writeFileSync(join(directory, 'train.py'), codeOf('python'));
  writeFileSync(join(directory, 'train.mjs'), codeOf('js'));
  const inPython = (): Running => sandbox!.run(found.python, ['train.py', 'shared']);
  const inNode = (): Running => sandbox!.run(process.execPath, ['train.mjs', 'shared']);

  const opened = await sandbox.script(opener).ended;
  expect(opened.stderr).toBe('');
  const study = watch(sandbox.daemon(), opened.stdout.trim());

  // One that is stopped for longer than its lease is a zombie when it wakes: another has its trial.
  const zombie = inPython();
  await zombie.line(/^trial 0 attempt 1 step 2$/);
  zombie.kill('SIGSTOP');
  for (let tries = 0; (await study.trial(0)).state !== TrialState.TRIAL_STATE_WAITING && tries < 200; tries++) await pause(50);
  const doomed = inNode();
  await doomed.line(/^trial 0 attempt 2 step 2$/);
  zombie.kill('SIGCONT');
  await zombie.line(/^trial 0 attempt 1 lost: attempt 2 has taken trial 0 over$/);
  expect((await study.values(0, 1)).length).toBeGreaterThanOrEqual(4);

  // One that is killed is seen to be gone: the next takes its trial, and what it had still sent is too late.
  await doomed.line(/^trial 0 attempt 2 step 4$/);
  const { process: writer } = (await study.trial(0)).worker!;
  doomed.kill('SIGKILL');
  const last = inNode();
  await Promise.any([zombie, last].map((trainer) => trainer.line(/^trial 0 attempt 3 step 0$/)));
  const { ackedSequence } = await study.report({ trial: 0n, attempt: 2 }, writer);
  expect(ackedSequence).toBeGreaterThanOrEqual(5n);
  const late = { trial: 0n, attempt: 2, sequence: ackedSequence + 1n, series: [{ name: 'loss', steps: [ackedSequence], values: [77], timesMs: [] }] };
  expect(await study.report(late, writer)).toMatchObject({ verdict: Verdict.VERDICT_FENCED, ackedSequence: ackedSequence + 1n, reason: 'attempt 3 has taken trial 0 over' });

  for (const trainer of [zombie, last]) expect(await trainer.ended).toMatchObject({ code: 0, stderr: '' });
  const attempts = [zombie, last].flatMap(({ stdout }) => [...stdout.matchAll(/^trial (\d+) attempt (\d+) step 9$/gm)].map(([, trial, attempt]) => `${trial}/${attempt}`));
  expect(attempts.sort()).toEqual(['0/3', '1/1', '2/1', '3/1', '4/1', '5/1']);
  for (const { stdout } of [zombie, last]) expect(stdout).toMatch(/step 9$/m);
  const trials = JSON.parse((await sandbox.paramo('trials', 'shared', '--json')).stdout) as readonly { readonly state: string; readonly value: number; readonly params: { readonly x: number } }[];
  expect(trials.map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => 'completed'));
  for (const { value, params } of trials) expect(value).toBeCloseTo((params.x - 0.3) ** 2 + 0.1, 12);
  // What came late is kept, and apart.
  expect(await study.values(0, 2)).toContain(77);
  expect(await study.values(0, 0)).toHaveLength(10);
  expect(await sandbox.paramo('replay', 'shared')).toMatchObject({ code: 0 });
});
