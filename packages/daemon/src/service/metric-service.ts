import { ParamoError } from '@paramo/core';
import { bindService, countFromMessage, MetricServiceService, type ServiceBinding, type ServiceHandlers, type StreamSeriesResponse } from '@paramo/protocol';
import { listSeries, readSeries } from '../store/effective-series.js';
import type { StudyStore } from '../store/study-store.js';

const pointsPerMessage = 10_000;

/** MetricService over the store. */
export function metricService(studies: StudyStore): ServiceBinding {
  function check(studyId: string, trial: number): void {
    if (studies.trial(studyId, trial)) return;
    throw studies.study(studyId)
      ? new ParamoError({ code: 'TRIAL_NOT_FOUND', message: `the study has no trial ${trial}`, hint: 'List its trials first.' })
      : new ParamoError({ code: 'STUDY_NOT_FOUND', message: `there is no study with the id "${studyId}"`, hint: 'List the studies with `paramo studies`.' });
  }

  const handlers: ServiceHandlers<typeof MetricServiceService> = {
    async listSeries({ studyId, trial }) {
      const number = countFromMessage(trial, 'trial');
      check(studyId, number);
      const series = listSeries(studies, studyId, number).map(({ name, points, hiddenPoints, firstStep, lastStep, lastValue }) => ({
        name, points: BigInt(points), hiddenPoints: BigInt(hiddenPoints), firstStep: firstStep === undefined ? undefined : BigInt(firstStep),
        lastStep: lastStep === undefined ? undefined : BigInt(lastStep), lastValue,
      }));
      return { series };
    },
    async *streamSeries({ studyId, trial, names, fromStep, toStep, maxPoints, attempt }): AsyncIterable<StreamSeriesResponse> {
      const number = countFromMessage(trial, 'trial');
      check(studyId, number);
      const query = {
        names, maxPoints, attempt, fromStep: countFromMessage(fromStep, 'from_step'), ...(toStep === undefined ? {} : { toStep: countFromMessage(toStep, 'to_step') }),
      };
      for (const { name, steps, values, timesMs } of readSeries(studies, studyId, number, query)) {
        for (let at = 0; at < steps.length; at += pointsPerMessage) {
          const end = at + pointsPerMessage;
          yield { series: { name, steps: steps.slice(at, end).map(BigInt), values: values.slice(at, end), timesMs: timesMs.slice(at, end).map((ms) => BigInt(Math.trunc(ms))) } };
        }
      }
    },
  };
  return bindService(MetricServiceService, handlers);
}
