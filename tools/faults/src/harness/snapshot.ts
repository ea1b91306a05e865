import { createHash } from 'node:crypto';
import { isSystemMetric } from '@paramo/core';
import type { LogEvent, TrialRecord } from '@paramo/core';
import { ArtifactServiceService, checkpointName, CheckpointServiceService, chunksOf, logEventFromMessage, MetricServiceService, ReplayOutcome, ServerServiceService, StudyServiceService, trialRecordFromMessage, TrialServiceService } from '@paramo/protocol';
import type { CheckpointManifest, SeriesColumns, Transport, TrialSource } from '@paramo/protocol';

/** A file kept by the daemon, and whether it is what its name says. */
export interface KeptFile {
  readonly trial: number;
  /** The checkpoint's name or the artifact's hash. */
  readonly name: string;
  readonly whole: boolean;
  /** True: content came that is not what the name says; false: it was refused. */
  readonly wrong: boolean;
  readonly detail: string;
}

/** The points of one metric of one attempt, as stored. */
export interface StoredSeries {
  readonly trial: number;
  readonly attempt: number;
  readonly metric: string;
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** All that is stored of a study, as its daemon answers. */
export interface Snapshot {
  readonly studyId: string;
  readonly errorCode: string;
  readonly log: readonly LogEvent[];
  readonly trials: readonly TrialRecord[];
  readonly series: readonly StoredSeries[];
  readonly checkpoints: readonly KeptFile[];
  readonly artifacts: readonly KeptFile[];
  readonly replay: { readonly reproduced: boolean; readonly detail: string };
}

/** Reads everything of a study: its log, trials, points by attempt, and all blobs, whose hashes are computed anew. */
export async function readSnapshot(transport: Transport, studyId: string): Promise<Snapshot> {
  const { study } = await transport.unary(StudyServiceService.getStudy, { key: { $case: 'studyId', value: studyId } });
  let log = await readLog(transport, studyId);
  let trials = await readTrials(transport, studyId);
  // The daemon may be preparing a trial: both must be of one moment.
  for (let after = await readLog(transport, studyId); after.length !== log.length; after = await readLog(transport, studyId)) {
    log = after;
    trials = await readTrials(transport, studyId);
  }
  const series: StoredSeries[] = [];
  const checkpoints: KeptFile[] = [];
  const artifacts: KeptFile[] = [];
  for (const { number, attempt: attempts } of trials) {
    for (let attempt = 1; attempt <= attempts; attempt++) series.push(...(await readPoints(transport, studyId, number, attempt)));
    if (attempts === 0) continue;
    const listed = await transport.unary(CheckpointServiceService.listCheckpoints, { studyId, trial: BigInt(number), pageSize: 1000, pageToken: '' });
    for (const { source } of listed.checkpoints) checkpoints.push(await verifyCheckpoint(transport, studyId, source!));
    const kept = await transport.unary(ArtifactServiceService.listArtifacts, { studyId, trial: BigInt(number) });
    for (const { sha256 } of kept.artifacts) artifacts.push(await verifyArtifact(transport, studyId, number, sha256));
  }
  let outcome: ReplayOutcome = ReplayOutcome.REPLAY_OUTCOME_UNSPECIFIED;
  let detail = '';
  for await (const message of transport.serverStream(ServerServiceService.replay, { studyId })) ({ outcome, detail } = message);
  return { studyId, errorCode: study!.errorCode, log, trials, series, checkpoints, artifacts, replay: { reproduced: outcome === ReplayOutcome.REPLAY_OUTCOME_REPRODUCED, detail } };
}

/** The log of a study, as it is now. */
export async function readLog(transport: Transport, studyId: string): Promise<LogEvent[]> {
  const log: LogEvent[] = [];
  for await (const { events } of transport.serverStream(StudyServiceService.watch, { studyId, after: 0n, untilHead: true })) log.push(...events.map(logEventFromMessage));
  return log;
}

async function readTrials(transport: Transport, studyId: string): Promise<TrialRecord[]> {
  const trials: TrialRecord[] = [];
  for (let pageToken = ''; ; ) {
    const page = await transport.unary(TrialServiceService.listTrials, { studyId, filter: '', order: '', pageSize: 500, pageToken });
    trials.push(...page.trials.map((trial) => trialRecordFromMessage(trial)));
    pageToken = page.nextPageToken;
    if (pageToken === '') return trials;
  }
}

async function readPoints(transport: Transport, studyId: string, trial: number, attempt: number): Promise<StoredSeries[]> {
  const byMetric = new Map<string, { readonly steps: number[]; readonly values: number[] }>();
  for await (const { series } of transport.serverStream(MetricServiceService.streamSeries, { studyId, trial: BigInt(trial), names: [], fromStep: 0n, toStep: undefined, maxPoints: 0, attempt })) {
    const { name, steps, values }: SeriesColumns = series!;
    // Sent by SDKs that describe their trials, and noted by nobody.
    if (isSystemMetric(name)) continue;
    const known = byMetric.get(name) ?? { steps: [], values: [] };
    byMetric.set(name, known);
    known.steps.push(...steps.map(Number));
    known.values.push(...values);
  }
  return [...byMetric].map(([metric, columns]) => ({ trial, attempt, metric, ...columns }));
}

/** Fetches a checkpoint and computes the hashes of its chunks and its name. */
export async function verifyCheckpoint(transport: Transport, studyId: string, source: TrialSource): Promise<KeptFile> {
  const kept = { trial: Number(source.trial), name: source.checkpoint };
  try {
    let manifest: CheckpointManifest | undefined;
    const parts: Uint8Array[] = [];
    for await (const { part } of transport.serverStream(CheckpointServiceService.getCheckpoint, { studyId, source, content: true })) {
      if (part?.$case === 'listing') manifest = part.value.manifest;
      else if (part) parts.push(part.value);
    }
    const content = Buffer.concat(parts);
    let at = 0;
    for (const { sha256, size } of chunksOf(manifest!)) if (hashOf(content.subarray(at, (at += size))) !== sha256) return { ...kept, whole: false, wrong: true, detail: `chunk ${sha256} has other content` };
    const name = checkpointName(manifest!);
    const whole = name === source.checkpoint && at === content.length;
    return { ...kept, whole, wrong: !whole, detail: `hashes to ${name}` };
  } catch (error) {
    return { ...kept, whole: false, wrong: false, detail: (error as Error).message };
  }
}

async function verifyArtifact(transport: Transport, studyId: string, trial: number, sha256: string): Promise<KeptFile> {
  try {
    const parts: Uint8Array[] = [];
    for await (const { part } of transport.serverStream(ArtifactServiceService.getArtifact, { studyId, trial: BigInt(trial), sha256 })) if (part?.$case === 'content') parts.push(part.value);
    const found = hashOf(Buffer.concat(parts));
    return { trial, name: sha256, whole: found === sha256, wrong: found !== sha256, detail: `hashes to ${found}` };
  } catch (error) {
    return { trial, name: sha256, whole: false, wrong: false, detail: (error as Error).message };
  }
}

function hashOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
