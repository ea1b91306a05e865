import { isTerminal } from '@paramo/core';
import type { LogEvent } from '@paramo/core';
import { MetricServiceService, ReplayOutcome, ServerServiceService } from '@paramo/protocol';
import type { Transport } from '@paramo/protocol';
import { checkLog } from './check-log.js';
import { checkSeries } from './check-series.js';
import type { PointsOf } from './check-series.js';
import type { Ledger } from './ledger.js';
import { readStudy } from './stored-study.js';
import type { StoredStudy } from './stored-study.js';
import type { Workload } from './workload.js';

/** What a run is held to. */
export interface CheckOptions {
  readonly seed: number;
  /** To a daemon that was started on what is on disk. */
  readonly transport: Transport;
  readonly ledger: Ledger;
  readonly workload: Workload;
  /** Takes lines of text: the log of every study. */
  note(line: string): void;
}

/** Compares what is stored with all that was said; broken promises in words. */
export async function checkRun({ seed, transport, ledger, workload, note }: CheckOptions): Promise<string[]> {
  const violations: string[] = [];
  for (const studyId of ledger.studies) {
    const stored = await readStudy(transport, studyId);
    const plan = workload.studies.find(({ options }) => options.name === stored.record.spec.name)!;
    const say = (what: string): void => void violations.push(`${plan.options.name}: ${what}`);
    const { record } = stored;
    note(`the log of ${plan.options.name}:`);
    for (const event of stored.log) note(render(event));
    if (record.state !== 'ended') say(`is ${record.state}`);
    if (record.errorCode !== '') say(`was ended by ${record.errorCode}: ${record.endDetail}`);
    for (const trial of stored.trials.values()) if (!isTerminal(trial.state)) say(`trial ${trial.number} is ${trial.state}`);
    checkLog(stored, plan, say);
    await checkSeries({ seed, name: plan.options.name, stored, written: [...ledger.written.values()].filter((one) => one.studyId === studyId), points: pointsOver(transport, studyId), say });
    checkSaid(studyId, stored, ledger, say);
    for await (const { outcome, detail } of transport.serverStream(ServerServiceService.replay, { studyId })) {
      if (outcome !== ReplayOutcome.REPLAY_OUTCOME_UNSPECIFIED && outcome !== ReplayOutcome.REPLAY_OUTCOME_REPRODUCED) say(`replay: ${detail}`);
    }
  }
  return violations;
}

/** Every answer of the daemon is true of what is stored. */
function checkSaid(studyId: string, { log, trials }: StoredStudy, { handedOut, ends, checkpoints }: Ledger, say: (what: string) => void): void {
  const requests = new Map<string, string>();
  const owners = new Map<string, string>();
  for (const { trial, attempt, requestId, studyId: of } of handedOut) {
    if (of !== studyId) continue;
    const name = `trial ${trial}/${attempt}`;
    if ((requests.get(requestId) ?? name) !== name) say(`request ${requestId} was answered with ${requests.get(requestId)} and with ${name}`);
    if ((owners.get(name) ?? requestId) !== requestId) say(`${name} was handed out to the requests ${owners.get(name)} and ${requestId}`);
    requests.set(requestId, name);
    owners.set(name, requestId);
    if (!log.some((event) => event.kind === 'trial_started' && event.trial === trial && event.attempt === attempt)) say(`${name} was handed out and is not in the log`);
  }
  for (const { trial, attempt, record, studyId: of } of ends) {
    if (of !== studyId) continue;
    const now = trials.get(trial);
    const told = JSON.stringify([record.state, record.value, record.at]);
    if (isTerminal(record.state) && now && told !== JSON.stringify([now.state, now.value, now.at])) say(`trial ${trial}/${attempt} was said to have ended as ${told}, and is ${JSON.stringify([now.state, now.value, now.at])}`);
    const retracted = log.some((event) => event.kind === 'trial_retracted' && event.trial === trial);
    if (!now && !retracted) say(`trial ${trial}/${attempt} was said to have ended, and is gone`);
  }
  for (const { trial, done, checkpoint, studyId: of } of checkpoints) {
    if (of === studyId && !log.some((event) => event.kind === 'trial_checkpointed' && event.trial === trial && event.done === done && event.checkpoint === checkpoint)) say(`the checkpoint of trial ${trial} at ${done} was said to be stored and is not in the log`);
  }
}

function pointsOver(transport: Transport, studyId: string): PointsOf {
  return async (trial, attempt) => {
    const found = new Map<string, Map<number, number>>();
    const request = { studyId, trial: BigInt(trial), names: [], fromStep: 0n, toStep: undefined, maxPoints: 0, attempt };
    for await (const { series } of transport.serverStream(MetricServiceService.streamSeries, request)) {
      const points = found.get(series!.name) ?? new Map<number, number>();
      series!.steps.forEach((step, i) => points.set(Number(step), series!.values[i]!));
      found.set(series!.name, points);
    }
    return found;
  };
}

/** An event without what differs from one run of a seed to the next. */
function render({ kind, ...event }: LogEvent): string {
  return `${kind} ${JSON.stringify(event, (key, value: unknown) => (['pid', 'host', 'id', 'stack', 'spec'].includes(key) || value instanceof Uint8Array ? undefined : value))}`;
}
