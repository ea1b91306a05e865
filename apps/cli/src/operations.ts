import type { Connection, Series } from '@paramo/client';
import { isParamoError } from '@paramo/core';
import type { StudyRecord, TrialRecord } from '@paramo/core';
import {
  CheckpointServiceService, MetricServiceService, OutputServiceService, OutputStream, PluginKind, PluginServiceService, ReplayOutcome, ServerServiceService, studyRecordFromMessage, StudyServiceService, trialRecordFromMessage, TrialServiceService,
} from '@paramo/protocol';
import type { Transport } from '@paramo/protocol';

/** A daemon as it names itself. */
export interface DaemonInfo {
  readonly version: string;
  readonly protocol: number;
  readonly storeFormat: number;
  readonly pid: number;
  readonly startedMs: number;
  readonly features: readonly string[];
}

/** One thing a check looked at. */
export interface Finding {
  readonly subject: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do, or empty. */
  readonly hint: string;
}

/** A plugin the daemon may load. */
export interface PluginDescription {
  readonly name: string;
  readonly kind: 'strategy' | 'stopper';
  readonly package: string;
  readonly version: string;
  readonly description: string;
  /** JSON Schema of its options. */
  readonly optionsSchema: OptionsSchema;
  readonly capabilities: readonly string[];
  /** Why it cannot be loaded, or empty. */
  readonly error: string;
}

/** The part of a JSON Schema that describes a plugin's options. */
export interface OptionsSchema {
  readonly properties?: Readonly<Record<string, { readonly type?: unknown; readonly enum?: readonly unknown[]; readonly default?: unknown; readonly description?: string; readonly minimum?: number; readonly maximum?: number; readonly exclusiveMinimum?: number; readonly exclusiveMaximum?: number }>>;
}

/** How far a replay has come; `outcome` in the last one. */
export interface ReplayStep {
  readonly position: number;
  readonly head: number;
  readonly reproduced: number;
  readonly outcome?: 'reproduced' | 'differs' | 'not checkable';
  readonly detail: string;
  readonly differsAt?: number;
}

/** A run of bytes that a program wrote. */
export interface OutputPart {
  /** Bytes right before it that are not there. */
  readonly leftOut: number;
  readonly content: Buffer;
}

const pageSize = 200;
/** How often a reader that lost the daemon reads on. */
const mostReads = 5;
const replayOutcomes: ReadonlyMap<ReplayOutcome, NonNullable<ReplayStep['outcome']>> = new Map([
  [ReplayOutcome.REPLAY_OUTCOME_REPRODUCED, 'reproduced'],
  [ReplayOutcome.REPLAY_OUTCOME_DIFFERS, 'differs'],
  [ReplayOutcome.REPLAY_OUTCOME_NOT_CHECKABLE, 'not checkable'],
]);

/** All studies, newest first, page by page. */
export async function* listStudies({ link }: Connection): AsyncGenerator<StudyRecord, void, undefined> {
  for (let pageToken = ''; ; ) {
    const page = await link.unary(StudyServiceService.listStudies, { pageSize, pageToken });
    for (const study of page.studies) yield studyRecordFromMessage(study);
    pageToken = page.nextPageToken;
    if (pageToken === '') return;
  }
}

/** Trials by filter and order, page by page, so that any number of them takes little memory. */
export async function* listTrials({ link }: Connection, studyId: string, { filter = '', order = '', limit = Number.POSITIVE_INFINITY }: { readonly filter?: string; readonly order?: string; readonly limit?: number } = {}): AsyncGenerator<TrialRecord, void, undefined> {
  for (let pageToken = '', left = limit; left > 0; ) {
    const page = await link.unary(TrialServiceService.listTrials, { studyId, filter, order, pageSize: Math.min(pageSize, left), pageToken });
    for (const trial of page.trials) yield trialRecordFromMessage(trial);
    left -= page.trials.length;
    pageToken = page.nextPageToken;
    if (pageToken === '') return;
  }
}

/** The names of the metrics that a trial has points of. */
export async function listMetrics({ link }: Connection, studyId: string, trial: number): Promise<readonly string[]> {
  const { series } = await link.unary(MetricServiceService.listSeries, { studyId, trial: BigInt(trial) });
  return series.map(({ name }) => name);
}

/** What the program of an attempt wrote, to one stream or both; with `follow`, until the attempt is over. */
export async function* followOutput({ link }: Connection, { studyId, trial, attempt }: { readonly studyId: string; readonly trial: number; readonly attempt: number }, { follow, stream }: { readonly follow: boolean; readonly stream?: 'stdout' | 'stderr' }, signal: AbortSignal): AsyncGenerator<OutputPart, void, undefined> {
  const wanted = stream === undefined ? OutputStream.OUTPUT_STREAM_UNSPECIFIED : stream === 'stdout' ? OutputStream.OUTPUT_STREAM_STDOUT : OutputStream.OUTPUT_STREAM_STDERR;
  let fromOffset = 0n;
  for (let reads = 1; ; reads++) {
    try {
      for await (const { chunk } of link.serverStream(OutputServiceService.readOutput, { studyId, trial: BigInt(trial), attempt, fromOffset, stream: wanted, follow }, { signal })) {
        fromOffset = chunk!.offset + BigInt(chunk!.content.length);
        reads = 1;
        yield { leftOut: Number(chunk!.leftOut), content: chunk!.content };
      }
      return;
    } catch (error) {
      if (!isParamoError(error, 'UNAVAILABLE') || reads === mostReads) throw error;
      // Waits until the daemon is there again, and starts it where that is for us to do.
      await link.ready({ signal });
    }
  }
}

/** All series of a trial, in order of name, thinned to at most so many points each. */
export async function readAllSeries({ link }: Connection, studyId: string, trial: number, maxPoints: number): Promise<readonly Series[]> {
  const found = new Map<string, { readonly name: string; readonly steps: number[]; readonly values: number[]; readonly timesMs: number[] }>();
  for await (const { series } of link.serverStream(MetricServiceService.streamSeries, { studyId, trial: BigInt(trial), names: [], fromStep: 0n, toStep: undefined, maxPoints, attempt: 0 })) {
    if (!series) continue;
    const { name } = series;
    const one = found.get(name) ?? { name, steps: [], values: [], timesMs: [] };
    found.set(name, one);
    one.steps.push(...series.steps.map(Number));
    one.values.push(...series.values);
    one.timesMs.push(...series.timesMs.map(Number));
  }
  return [...found.values()];
}

/** A checkpoint that a trial has. */
export interface CheckpointRecord {
  /** The hash that names its content. */
  readonly checkpoint: string;
  readonly attempt: number;
  /** Steps done when it was taken. */
  readonly done: number;
  readonly files: number;
  readonly bytes: number;
}

/** The checkpoints that a trial has now, by steps done. */
export async function listCheckpoints({ link }: Connection, studyId: string, trial: number): Promise<readonly CheckpointRecord[]> {
  const found: CheckpointRecord[] = [];
  for (let pageToken = ''; ; ) {
    const page = await link.unary(CheckpointServiceService.listCheckpoints, { studyId, trial: BigInt(trial), pageSize: 0, pageToken });
    for (const { source, attempt, manifest } of page.checkpoints) {
      const files = manifest?.files ?? [];
      found.push({ checkpoint: source!.checkpoint, attempt, done: Number(source!.done), files: files.length, bytes: files.reduce((sum, { size }) => sum + Number(size), 0) });
    }
    pageToken = page.nextPageToken;
    if (pageToken === '') return found;
  }
}

/** The plugins that the daemon may load, by name. */
export async function listPlugins({ link }: Connection): Promise<readonly PluginDescription[]> {
  const { plugins } = await link.unary(PluginServiceService.listPlugins, {});
  return plugins.map(({ kind, optionsSchemaJson, ...plugin }) => ({
    ...plugin,
    kind: kind === PluginKind.PLUGIN_KIND_STRATEGY ? 'strategy' : 'stopper',
    optionsSchema: JSON.parse(optionsSchemaJson || '{}') as OptionsSchema,
  }));
}

/** Who the daemon is. */
export async function readDaemonInfo({ link }: Connection): Promise<DaemonInfo> {
  const { startedMs, ...info } = await link.unary(ServerServiceService.getServerInfo, {});
  return { ...info, startedMs: Number(startedMs) };
}

/** What the daemon finds when it looks at its store, home and plugins. */
export async function checkHealth({ link }: Connection): Promise<readonly Finding[]> {
  const { findings } = await link.unary(ServerServiceService.checkHealth, {});
  return findings;
}

/** Recomputes every suggestion and decision of a study and compares. */
export async function* replayStudy({ link }: Connection, studyId: string): AsyncGenerator<ReplayStep, void, undefined> {
  for await (const { position, head, reproduced, outcome, detail, differsAt } of link.serverStream(ServerServiceService.replay, { studyId })) {
    const verdict = replayOutcomes.get(outcome);
    yield { position: Number(position), head: Number(head), reproduced: Number(reproduced), detail, ...(verdict && { outcome: verdict }), ...(differsAt !== undefined && { differsAt: Number(differsAt) }) };
  }
}

/** Packs the store of the daemon; answers its bytes before and after. */
export async function compactStore({ link }: Connection): Promise<{ readonly before: number; readonly after: number }> {
  let sizes = { before: 0, after: 0 };
  for await (const { bytesBefore, bytesAfter } of link.serverStream(ServerServiceService.compact, {})) sizes = { before: Number(bytesBefore), after: Number(bytesAfter) };
  return sizes;
}

/** Deletes a study and all its data. */
export async function deleteStudy({ link }: Connection, studyId: string): Promise<void> {
  await link.unary(StudyServiceService.deleteStudy, { studyId });
}

/** Asks a daemon to end, whatever version it is of. */
export async function askToEnd(transport: Transport, timeoutMs: number): Promise<void> {
  await transport.unary(ServerServiceService.shutdown, {}, { timeoutMs });
}
