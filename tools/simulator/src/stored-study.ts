import type { LogEvent, StudyRecord, TrialRecord } from '@paramo/core';
import { logEventFromMessage, studyRecordFromMessage, StudyServiceService, trialRecordFromMessage, TrialServiceService } from '@paramo/protocol';
import type { Transport } from '@paramo/protocol';

/** A study as it is read from a daemon. */
export interface StoredStudy {
  readonly record: StudyRecord;
  readonly log: readonly LogEvent[];
  readonly trials: ReadonlyMap<number, TrialRecord>;
}

/** Reads all of a study but its points. */
export async function readStudy(transport: Transport, studyId: string): Promise<StoredStudy> {
  const { study } = await transport.unary(StudyServiceService.getStudy, { key: { $case: 'studyId', value: studyId } });
  const log: LogEvent[] = [];
  for await (const { events } of transport.serverStream(StudyServiceService.watch, { studyId, after: 0n, untilHead: true })) log.push(...events.map(logEventFromMessage));
  const trials = new Map<number, TrialRecord>();
  for (let pageToken = ''; ; ) {
    const page = await transport.unary(TrialServiceService.listTrials, { studyId, filter: '', order: '', pageSize: 1000, pageToken });
    for (const trial of page.trials) trials.set(Number(trial.number), trialRecordFromMessage(trial));
    pageToken = page.nextPageToken;
    if (pageToken === '') return { record: studyRecordFromMessage(study!), log, trials };
  }
}
