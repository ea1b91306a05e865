import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '@paramo/core';
import type { Random } from '@paramo/core';
import { AskRequest, ArtifactServiceService, CheckpointServiceService, CompleteRequest, FailRequest, ReleaseRequest, ReportOnceRequest, trialStates, TrialServiceService, Verdict } from '@paramo/protocol';
import type { Assignment, AttemptUpdate, CheckpointManifest, PutArtifactRequest, PutCheckpointRequest, Transport } from '@paramo/protocol';
import { createCaller } from './caller.js';
import type { AttemptId, Point, Recorder } from './history.js';
import { verifyCheckpoint } from './snapshot.js';

/** How a worker works. */
export interface RawWorkerOptions {
  readonly studyId: string;
  readonly seed: number;
  readonly name: string;
  /** Gives a new transport, or undefined while there is nobody to dial. */
  readonly dial: () => Promise<Transport | undefined>;
  readonly record: Recorder;
  /** Ends it; what is under way is given up. */
  readonly signal: AbortSignal;
  /** Between two calls. */
  readonly pauseMs?: number;
  /** Ends by itself after so many trials. */
  readonly trials?: number;
  /** Only completes trials: no failures, no giving back, no files. */
  readonly plain?: boolean;
}

const chunkBytes = 65_536;
const pieceBytes = 262_144;
const callMs = 5000;
const steps = 4;

/** The value that an attempt's step has: whoever stores another one mixes attempts up. */
export function valueOf(name: string, trial: number, attempt: number, step: number): number {
  return createRandom(name, trial, attempt, step).next();
}

/**
 * A worker that speaks the protocol itself: every call is made again with the same request until it is answered, as any
 * client must, and everything sent and heard is recorded. Answers how many trials it ended.
 */
export async function runRawWorker(options: RawWorkerOptions): Promise<number> {
  const { studyId, seed, name, dial, record, signal, pauseMs = 5, trials = Infinity, plain = false } = options;
  const random = createRandom('raw worker', seed, name);
  const run = `${name}-${random.uint32().toString(36)}`;
  const { call, close } = createCaller({ dial, record, signal, random });
  let requests = 0;
  let finished = 0;

  async function work({ trial: message, attempt, resume }: Assignment): Promise<void> {
    const key = { studyId, trial: Number(message!.number), attempt };
    let step = resume ? Number(resume.done) : 0;
    if (resume && random.next() < 0.5) {
      const kept = await call('restore', (t) => verifyCheckpoint(t, studyId, resume));
      if (kept?.wrong) record({ kind: 'wrong', what: `the checkpoint ${resume.checkpoint} handed out with ${key.trial}/${attempt}: ${kept.detail}` });
    }
    let sequence = 0;
    while (step < steps && !signal.aborted) {
      const points: Point[] = [];
      for (let i = 1 + random.int(2); i > 0 && step < steps; i--) points.push([step, valueOf(name, key.trial, attempt, step++)]);
      record({ kind: 'sent', ...key, sequence: ++sequence, points });
      const request = ReportOnceRequest.fromPartial({
        writerId: run, waitMs: random.next() < 0.3 ? 200 : 0,
        batch: { ...wire(key), sequence: BigInt(sequence), series: [{ name: 'loss', steps: points.map(([s]) => BigInt(s)), values: points.map(([, value]) => value), timesMs: [] }] },
      });
      const answer = await call('report', (t) => t.unary(TrialServiceService.reportOnce, request, { timeoutMs: callMs }));
      if (!answer?.update) return;
      heard(key, sequence, answer.update);
      if (random.next() < 0.1) await call('report again', (t) => t.unary(TrialServiceService.reportOnce, request, { timeoutMs: callMs }));
      if (!plain && random.next() < 0.15) await checkpoint(key, step, random);
      if (!plain && random.next() < 0.05) await artifact(key, random);
      const { verdict } = answer.update;
      if (verdict === Verdict.VERDICT_FENCED || verdict === Verdict.VERDICT_ENDED) return;
      if (verdict === Verdict.VERDICT_PAUSE || (!plain && random.next() < 0.03)) return end(key, 'release');
      if (verdict === Verdict.VERDICT_STOP) break;
      await pause(pauseMs);
    }
    if (!signal.aborted) await end(key, !plain && random.next() < 0.05 ? 'fail' : 'complete');
  }

  function heard(key: AttemptId, sequence: number, { ackedSequence }: AttemptUpdate): void {
    if (ackedSequence > BigInt(sequence)) record({ kind: 'wrong', what: `${key.trial}/${key.attempt} was acked through ${ackedSequence}, but ${sequence} was the last sent` });
    record({ kind: 'acked', ...key, sequence: Number(ackedSequence) });
  }

  async function end(key: AttemptId, how: 'complete' | 'fail' | 'release'): Promise<void> {
    const request = { attempt: wire(key), writerId: run, requestId: `${run} ends ${key.trial}/${key.attempt}` };
    const answer = await call<{ readonly trial: Assignment['trial'] }>(how, (t) =>
      how === 'complete' ? t.unary(TrialServiceService.complete, CompleteRequest.fromPartial(request), { timeoutMs: callMs })
        : how === 'fail' ? t.unary(TrialServiceService.fail, FailRequest.fromPartial({ ...request, error: { message: 'broke', stack: '' } }), { timeoutMs: callMs })
          : t.unary(TrialServiceService.release, ReleaseRequest.fromPartial({ ...request, reason: 'given back' }), { timeoutMs: callMs }));
    if (!answer?.trial) return;
    finished++;
    record({ kind: 'ended', ...key, state: trialStates.fromMessage(answer.trial.state, 'state') });
  }

  async function checkpoint(key: AttemptId, done: number, draw: Random): Promise<void> {
    const content = randomBytes(draw, 1000 + draw.int(150_000));
    const chunks = Array.from({ length: Math.ceil(content.length / chunkBytes) }, (_, i) => content.subarray(i * chunkBytes, (i + 1) * chunkBytes));
    const byHash = new Map(chunks.map((chunk) => [hashOf(chunk).toString('hex'), chunk]));
    const manifest: CheckpointManifest = { chunkBytes, files: [{ path: 'state', size: BigInt(content.length), chunks: chunks.map(hashOf) }] };
    const stored = await call('checkpoint', async (t) => {
      let ask: (missing: readonly Uint8Array[]) => void = () => undefined;
      const asked = new Promise<readonly Uint8Array[]>((resolve) => (ask = resolve));
      async function* upload(): AsyncGenerator<PutCheckpointRequest, void, undefined> {
        yield { part: { $case: 'header', value: { attempt: wire(key), done: BigInt(done), manifest } } };
        for (const hash of await asked) yield { part: { $case: 'content', value: Buffer.from(byHash.get(Buffer.from(hash).toString('hex'))!) } };
      }
      let checkpointed: string | undefined;
      for await (const { part } of t.duplex(CheckpointServiceService.putCheckpoint, upload(), { timeoutMs: callMs, signal })) {
        if (part?.$case === 'missing') ask(part.value.chunks);
        else if (part) checkpointed = part.value.checkpoint;
      }
      return checkpointed;
    });
    if (stored !== undefined) record({ kind: 'checkpointed', ...key, done, checkpoint: stored });
  }

  async function artifact(key: AttemptId, draw: Random): Promise<void> {
    const content = randomBytes(draw, 1 + draw.int(100_000));
    const label = `file ${key.trial}-${key.attempt}-${draw.int(1e9)}`;
    const stored = await call('artifact', (t) => {
      async function* upload(): AsyncGenerator<PutArtifactRequest, void, undefined> {
        yield { part: { $case: 'header', value: { ...wire(key), name: label, done: 0n, mediaType: '', size: BigInt(content.length), sha256: '', chunks: [] } } };
        for (let at = 0; at < content.length; at += pieceBytes) yield { part: { $case: 'content', value: content.subarray(at, at + pieceBytes) } };
      }
      return t.clientStream(ArtifactServiceService.putArtifact, upload(), { timeoutMs: callMs, signal });
    });
    if (stored && stored.sha256 !== hashOf(content).toString('hex')) record({ kind: 'wrong', what: `the artifact ${label} was stored as ${stored.sha256}` });
    else if (stored) record({ kind: 'kept', ...key, sha256: stored.sha256, size: content.length });
  }

  while (!signal.aborted && finished < trials) {
    const requestId = `${run} ${++requests}`;
    const worker = { id: run, process: run, host: name, pid: 0, labels: new Map<string, string>() };
    const answer = await call('ask', (t) => t.unary(TrialServiceService.ask, AskRequest.fromPartial({ studyId, revision: 99, worker, requestId, waitMs: 300 }), { timeoutMs: callMs }));
    if (!answer?.assignment) {
      await pause(20);
      continue;
    }
    const { trial, attempt } = answer.assignment;
    record({ kind: 'given', studyId, trial: Number(trial!.number), attempt, requestId });
    await work(answer.assignment);
  }
  await close();
  return finished;
}

function wire({ studyId, trial, attempt }: AttemptId): { studyId: string; trial: bigint; attempt: number } {
  return { studyId, trial: BigInt(trial), attempt };
}

function randomBytes(random: Random, count: number): Buffer {
  const content = Buffer.alloc(Math.ceil(count / 4) * 4);
  for (let at = 0; at < content.length; at += 4) content.writeUInt32LE(random.uint32(), at);
  return content.subarray(0, count);
}

function hashOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}
