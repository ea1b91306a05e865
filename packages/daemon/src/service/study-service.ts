import { drawSeed, ParamoError, type Entropy, type StudyRecord } from '@paramo/core';
import {
  bindService, budgetFromMessage, checkedName, countFromMessage, countToMessage, labelsFromMessage, LogEvent, logEventToMessage, OpenMode, Study, StudyServiceService,
  studyRecordToMessage, studyRulesFromMessage, studySpecFromMessage, StudyState, studyStates, type ServiceBinding, type ServiceHandlers, type WatchResponse,
} from '@paramo/protocol';
import type { Journal } from '../tuner/journal.js';
import type { StudyChanges } from '../tuner/study-changes.js';
import { unknownName, type OpenMode as Mode, type Tuner } from '../tuner/tuner.js';
import { requestIdFrom } from './assignment.js';
import { checkLabels, checkStudyContent, cutText } from './check-content.js';
import { fitting, pageSize } from './paging.js';

const modes: Readonly<Record<number, Mode>> = {
  [OpenMode.OPEN_MODE_UNSPECIFIED]: 'join', [OpenMode.OPEN_MODE_JOIN]: 'join', [OpenMode.OPEN_MODE_REVISE]: 'revise', [OpenMode.OPEN_MODE_FRESH]: 'fresh',
  [OpenMode.OPEN_MODE_EXISTING]: 'existing',
};

/** Events a message of the watch stream holds at most. */
const watchBlock = 500;

/** StudyService over the tuner. */
export function studyService(tuner: Tuner, entropy: Entropy): ServiceBinding {
  const durable = (studyId: string): StudyRecord => {
    const record = tuner.studies.study(studyId);
    if (!record) throw new ParamoError({ code: 'STUDY_NOT_FOUND', message: `there is no study with the id "${studyId}"`, hint: 'List the studies with `paramo studies`, or open one by its name.' });
    return record;
  };

  const handlers: ServiceHandlers<typeof StudyServiceService> = {
    async openStudy({ spec, mode, expectedRevision, requestId }) {
      const wanted = modes[mode];
      if (!wanted) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `mode ${mode} is unknown`, hint: 'Give a value of OpenMode.' });
      if (!spec) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: 'spec is missing', hint: 'Give at least spec.name.' });
      checkStudyContent(spec);
      const { study, created } = await tuner.open({ spec: studySpecFromMessage(spec, { seed: () => drawSeed(entropy) }), mode: wanted, expectedRevision, requestId: requestIdFrom(requestId), keep: { budget: spec.budget === undefined, rules: spec.rules === undefined } });
      await study.journal.settled();
      return { study: studyRecordToMessage(durable(study.journal.state.studyId)), created };
    },
    async getStudy({ key }) {
      if (!key) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: 'neither study_id nor name is given', hint: 'Give one of them.' });
      if (key.$case === 'studyId') return { study: studyRecordToMessage(durable(key.value)) };
      const studyId = tuner.studies.studyIdByName(checkedName(key.value, 'name'));
      if (studyId === undefined) throw unknownName(key.value, tuner.studies);
      return { study: studyRecordToMessage(durable(studyId)) };
    },
    async listStudies({ pageSize: size, pageToken }) {
      const limit = pageSize(size);
      const page = tuner.studies.studies({ limit: limit + 1, ...(pageToken !== '' && { after: pageToken }) });
      const found = page.slice(0, limit).map(studyRecordToMessage);
      const studies = found.slice(0, fitting(found, (study) => Study.encode(study).finish().length));
      return { studies, nextPageToken: page.length > studies.length ? studies.at(-1)!.studyId : '' };
    },
    async updateStudy({ studyId, budget, rules, labels, state, reason }) {
      if (labels) checkLabels(labels.labels, 'labels');
      const changes: StudyChanges = {
        reason: cutText(reason), ...(budget && { budget: budgetFromMessage(budget) }), ...(rules && { rules: studyRulesFromMessage(rules) }), ...(labels && { labels: labelsFromMessage(labels.labels) }),
        ...(state !== StudyState.STUDY_STATE_UNSPECIFIED && { state: studyStates.fromMessage(state, 'state') }),
      };
      await tuner.update(studyId, changes);
      return { study: studyRecordToMessage(durable(studyId)) };
    },
    async deleteStudy({ studyId }) {
      await tuner.delete(studyId);
      return {};
    },
    async *watch({ studyId, after, untilHead }, { signal }): AsyncIterable<WatchResponse> {
      const { journal } = tuner.study(studyId);
      let position = countFromMessage(after, 'after');
      while (!signal.aborted) {
        const events = tuner.studies.log(studyId, position, watchBlock);
        const head = countToMessage(Math.max(journal.durable, events.at(-1)?.position ?? 0), 'head');
        if (events.length > 0) {
          for (let rest = events.map(logEventToMessage); rest.length > 0; ) {
            yield { events: rest.splice(0, fitting(rest, (event) => LogEvent.encode(event).finish().length)), head };
          }
          position = events.at(-1)!.position;
        } else if (untilHead) {
          return yield { events: [], head };
        } else {
          await moreThan(journal, position, signal);
          durable(studyId);
        }
      }
    },
  };
  return bindService(StudyServiceService, handlers);
}

/** Resolves once the log on disk has grown past `position` or was deleted, or the caller has gone. */
function moreThan(journal: Journal, position: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || journal.durable > position) return resolve();
    const finish = (): void => {
      end();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    // Whatever woke it, the caller looks again: the study may be gone.
    const end = journal.onDurable(finish);
    signal.addEventListener('abort', finish);
  });
}
