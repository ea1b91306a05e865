import { errorCodes, ParamoError } from '@paramo/core';
import type { ErrorCode, StudyRecord } from '@paramo/core';
import type { StudyBase } from './study.js';

/**
 * Why an ended study has no result to hand out, or must not pass for a success: a plugin failed, too many trials did, or
 * none has a value. Undefined when all is well.
 */
export async function studyFailure<P>(study: Pick<StudyBase<P>, 'record' | 'trials'>): Promise<ParamoError | undefined> {
  const { record } = study;
  const { spec, counts, endReason, endDetail, errorCode } = record;
  const name = JSON.stringify(spec.name);
  if (errorCode) {
    const known = Object.hasOwn(errorCodes, errorCode);
    return new ParamoError({ code: known ? (errorCode as ErrorCode) : 'PLUGIN_FAILED', message: `study ${name} was ended by an error: ${endDetail || errorCode}`, hint: soFar(record) });
  }
  const hasResult = spec.objectives.length > 1 ? counts.completed + counts.stopped > 0 : record.bestTrial !== undefined;
  if (endReason !== 'failures' && hasResult) return undefined;
  const [last] = counts.failed === 0 ? [] : await study.trials({ filter: 'state = failed', order: '-number', limit: 1 });
  const why = endReason === 'failures' ? `study ${name} ended after too many failed trials` : `study ${name} ended without a result: ${tally(record)}`;
  // They ended well and have a value, but NaN and the infinities are never the best.
  const unusable = !hasResult && counts.failed === 0 && counts.completed > 0;
  return new ParamoError({
    code: 'STUDY_ENDED',
    message: last?.error ? `${why}. Trial ${last.number}: ${last.error.message}` : unusable ? `${why}, none with a finite ${metricsOf(record)}` : why,
    hint: hasResult ? soFar(record) : `${unusable ? 'Find out why it is NaN or infinite' : 'Fix what fails'}, then run it again with { fresh: true }.`,
    details: { completed: counts.completed, stopped: counts.stopped, failed: counts.failed, cancelled: counts.cancelled },
  });
}

function soFar({ bestTrial, bestValue, spec }: StudyRecord): string {
  return bestTrial === undefined ? 'There is no result so far.' : `Best so far: trial ${bestTrial} with ${spec.objectives[0]?.metric} ${bestValue}.`;
}

function metricsOf({ spec }: StudyRecord): string {
  return spec.objectives.map(({ metric }) => metric).join(' and ');
}

function tally({ counts }: StudyRecord): string {
  const parts = (['completed', 'stopped', 'failed', 'cancelled'] as const).filter((state) => counts[state] > 0).map((state) => `${counts[state]} ${state}`);
  return parts.length === 0 ? 'no trial was evaluated' : parts.join(', ');
}
